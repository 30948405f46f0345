// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package argocd

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/runtime"
	luajson "layeh.com/gopher-json"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

const folder = "../../docs/integrations/argocd"

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// run runs a script on an object as Argo CD does (util/lua/lua.go of argoproj/argo-cd 3.6): the
// libraries package, base and table are open, obj is global, and what the script returns
// becomes JSON. It is decoded into result.
func run(t *testing.T, script string, object map[string]any, result any) error {
	t.Helper()
	l := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer l.Close()
	open(t, l, lua.LoadLibName, lua.OpenPackage)
	open(t, l, lua.BaseLibName, lua.OpenBase)
	open(t, l, lua.TabLibName, lua.OpenTable)
	l.PreloadModule(lua.OsLibName, safeOS)
	l.SetContext(t.Context())
	l.SetGlobal("obj", value(l, object))
	if err := l.DoString(script); err != nil {
		return err
	}
	answer, err := luajson.Encode(l.Get(-1))
	if err != nil {
		t.Fatalf("encoding the answer: %v", err)
	}
	if err := json.Unmarshal(answer, result); err != nil {
		t.Fatalf("decoding the answer %s: %v", answer, err)
	}
	return nil
}

func open(t *testing.T, l *lua.LState, name string, library lua.LGFunction) {
	t.Helper()
	if err := l.CallByParam(lua.P{Fn: l.NewFunction(library), Protect: true}, lua.LString(name)); err != nil {
		t.Fatalf("opening library %q: %v", name, err)
	}
}

// safeOS is what require("os") gives: date and time and nothing else of the library.
func safeOS(l *lua.LState) int {
	everything := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer everything.Close()
	lua.OpenOs(everything)
	library := everything.Get(-1).(*lua.LTable)
	safe := l.NewTable()
	for _, name := range []string{"date", "time"} {
		safe.RawSetString(name, l.NewFunction(library.RawGetString(name).(*lua.LFunction).GFunction))
	}
	l.Push(safe)
	return 1
}

// value makes of what a decoder of JSON gives what a script sees.
func value(l *lua.LState, from any) lua.LValue {
	switch v := from.(type) {
	case bool:
		return lua.LBool(v)
	case int64:
		return lua.LNumber(v)
	case float64:
		return lua.LNumber(v)
	case string:
		return lua.LString(v)
	case []any:
		list := l.NewTable()
		for _, item := range v {
			list.Append(value(l, item))
		}
		return list
	case map[string]any:
		table := l.NewTable()
		for key, member := range v {
			table.RawSetString(key, value(l, member))
		}
		return table
	default:
		return lua.LNil
	}
}

// live returns an object as the API server shows it.
func live(t *testing.T, object client.Object, kind string) map[string]any {
	t.Helper()
	object.GetObjectKind().SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind))
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// TestOnlyWhatArgoCDOpens keeps the scripts from needing what Argo CD does not give them.
func TestOnlyWhatArgoCDOpens(t *testing.T) {
	absent := map[string]string{
		"String": `return string.format("x")`, "Method": `return ("x"):upper()`, "Math": `return math.floor(1)`,
		"GlobalOS": `return os.date()`, "Environment": `return require("os").getenv("HOME")`, "Files": `return io.open("x")`,
	}
	for name, script := range absent {
		t.Run(name, func(t *testing.T) {
			if err := run(t, script, nil, new(any)); err == nil {
				t.Errorf("%s works", script)
			}
		})
	}
	var date string
	if err := run(t, `return require("os").date("!%Y")`, nil, &date); err != nil || len(date) != len("2026") {
		t.Errorf("date %q, error %v", date, err)
	}
}
