// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// externalSecret converts an ExternalSecret. What its fields mean is told by
// https://external-secrets.io/latest/api/externalsecret/.
func (c *converter) externalSecret(of object) {
	if c.fannedOut(of) {
		return
	}
	name := types.NamespacedName{Namespace: of.Namespace, Name: of.spec.or(of.Name, "target", "name")}
	if spec := c.externalSpec(of, of.spec); spec != nil {
		sync := c.sync(of, of.Name, name)
		spec.Target.Name = sync.Spec.Target.Name
		sync.Spec = *spec
		c.Handovers[len(c.Handovers)-1].Merge = spec.Target.Mode == v1alpha1.ModeMerge
	}
}

// merges reports whether a target is a Secret of somebody else.
func merges(target fields) bool {
	policy := target.text("creationPolicy")
	return policy == "Merge" || policy == "CreateOrMerge"
}

// externalSpec converts what an ExternalSecret says, or a ClusterExternalSecret of those that it
// makes; nil, with a note, if nothing can be served for it.
func (c *converter) externalSpec(of object, from fields) *v1alpha1.SecretSyncSpec {
	target := from.get("target")
	if policy := target.text("creationPolicy"); policy == "None" || target.get("manifest").set() {
		c.note(of, Lost, target.path, "it makes no Secret, so there is nothing to serve")
		c.giveUp(of)
		return nil
	}
	store := c.storeOf(of, from.get("secretStoreRef"))
	if store == nil && from.get("secretStoreRef").set() {
		c.giveUp(of)
		return nil
	}
	spec := &v1alpha1.SecretSyncSpec{}
	c.refresh(of, spec, from)
	c.externalTarget(of, spec, target)
	for _, item := range from.items("data") {
		c.externalData(of, spec, store, item)
	}
	for _, item := range from.items("dataFrom") {
		c.externalDataFrom(of, spec, store, item)
	}
	if len(spec.Data)+len(spec.DataFrom) == 0 {
		c.note(of, Lost, from.get("data").path, "nothing is left of it that could be read")
		c.giveUp(of)
		return nil
	}
	spec.BackendRef = commonBackend(spec)
	c.fitMerge(of, spec, target)
	return spec
}

// fitMerge takes off what belongs to the owner of a Secret that keys are only merged into.
func (c *converter) fitMerge(of object, spec *v1alpha1.SecretSyncSpec, from fields) {
	target := &spec.Target
	if target.Mode != v1alpha1.ModeMerge {
		return
	}
	if set := target.Metadata; target.Type != "" || len(set.Labels)+len(set.Annotations) > 0 || target.OnSourceGone != "" {
		c.note(of, Lost, from.path, "type, labels, annotations and deletion of a Secret are its owner's business, where keys are merged into it")
	}
	target.Type, target.Metadata, target.OnSourceGone = "", v1alpha1.TargetMetadata{}, ""
}

// refresh converts when the backend is read.
func (c *converter) refresh(of object, spec *v1alpha1.SecretSyncSpec, from fields) {
	interval, policy := from.or("1h", "refreshInterval"), from.text("refreshPolicy")
	switch policy {
	case "OnChange":
		interval = "0s"
	case "CreatedOnce":
		c.note(of, Changed, from.path+".refreshPolicy", "what is served once does not stay: the backend is read on request only; to hold a state, annotate the SecretSync %s=current", v1alpha1.AnnotationRollbackTo)
		interval = "0s"
	}
	c.interval(of, spec, from.path+".refreshInterval", interval)
}

// interval sets how often the backend is read.
func (c *converter) interval(of object, spec *v1alpha1.SecretSyncSpec, field, text string) {
	const shortest, longest = 5 * time.Second, 8760 * time.Hour
	duration, err := time.ParseDuration(text)
	switch {
	case err != nil:
		c.note(of, Lost, field, "%q is no duration", text)
		return
	case duration > 0 && duration < shortest:
		c.note(of, Changed, field, "the shortest interval is %s", shortest)
		duration = shortest
	case duration > longest:
		c.note(of, Changed, field, "the longest interval is %s", longest)
		duration = longest
	}
	spec.Refresh.Interval = &metav1.Duration{Duration: duration}
}

// externalTarget converts how the Secret is made.
func (c *converter) externalTarget(of object, spec *v1alpha1.SecretSyncSpec, target fields) {
	switch {
	case merges(target):
		spec.Target.Mode = v1alpha1.ModeMerge
	case target.or("Owner", "creationPolicy") == "Owner":
		c.note(of, Changed, target.path+".creationPolicy", stays)
	}
	switch policy := target.text("deletionPolicy"); policy {
	case "Delete":
		spec.Target.OnSourceGone = v1alpha1.Delete
		c.note(of, ByHand, target.path+".deletionPolicy", "set it to Retain before you delete the object: its operator would delete the Secret with it, whatever --cascade says")
	case "Merge":
		c.note(of, Changed, target.path+".deletionPolicy", "the last good state stays when entries are gone")
	}
	if target.flag("immutable") {
		c.note(of, Changed, target.path+".immutable", "the Secret is not immutable; spec.target.versioned: true serves immutable ones under names of their own")
	}
	if template := target.get("template"); template.set() {
		c.externalTemplate(of, spec, template)
	}
}

// externalData converts one key.
func (c *converter) externalData(of object, spec *v1alpha1.SecretSyncSpec, store *store, item fields) {
	remote := item.get("remoteRef")
	store = c.sourceStore(of, item, store)
	key, property := remote.text("key"), remote.text("property")
	if store == nil || c.metadata(of, remote) {
		item.done()
		return
	}
	data := v1alpha1.DataItem{SecretKey: item.text("secretKey"), Decode: c.decoding(of, remote)}
	from, why := store.field(key, property)
	if why != "" {
		c.note(of, Lost, item.done().path, "%s", why)
		return
	}
	if from.JSONPointer != "" && store.vault {
		c.note(of, Changed, remote.path+".property", "%q is read as the member %s inside field %q; if the entry has a field of that whole name, write it in field", property, from.JSONPointer, from.Field)
	}
	data.From = from
	data.From.Version = remote.text("version")
	remote.text("conversionStrategy")
	c.nullBytes(of, remote)
	spec.Data = append(spec.Data, data)
}

// metadata reports whether an item wants the backend's metadata in place of values.
func (c *converter) metadata(of object, remote fields) bool {
	if remote.text("metadataPolicy") != "Fetch" {
		return false
	}
	c.note(of, Lost, remote.path+".metadataPolicy", "metadata of entries is not served")
	return true
}

// decoding converts how values are decoded.
func (c *converter) decoding(of object, remote fields) string {
	switch strategy := remote.text("decodingStrategy"); strategy {
	case "Base64", "Base64URL":
		return v1alpha1.DecodeBase64
	case "Auto":
		c.note(of, Lost, remote.path+".decodingStrategy", "whether a value is encoded is not guessed: say None or Base64")
	}
	return ""
}

// nullBytes tells that values with null bytes are served.
func (c *converter) nullBytes(of object, remote fields) {
	if remote.text("nullBytePolicy") == "Fail" {
		c.note(of, Changed, remote.path+".nullBytePolicy", "a value with null bytes is served as it is, where External Secrets refuses it")
	}
}

// externalDataFrom converts one item that gives several keys.
func (c *converter) externalDataFrom(of object, spec *v1alpha1.SecretSyncSpec, store *store, item fields) {
	if item.get("sourceRef", "generatorRef").set() {
		c.note(of, Lost, item.done().path, "generators have no counterpart; the bootstrap helper generates values once")
		return
	}
	if store = c.sourceStore(of, item, store); store == nil {
		item.done()
		return
	}
	from, source, why := store.several(item)
	if why != "" {
		c.note(of, Lost, item.done().path, "%s", why)
		return
	}
	from.Decode = c.decoding(of, source)
	for _, rule := range item.items("rewrite") {
		c.rewrite(of, &from, rule)
	}
	if c.conversion(of, source) {
		from.Rename = append(from.Rename, v1alpha1.RenameRule{Invalid: "_"})
	}
	if len(spec.DataFrom) > 0 {
		from.OnConflict = v1alpha1.OnConflictOverride // Later items win.
	}
	c.nullBytes(of, source)
	spec.DataFrom = append(spec.DataFrom, from)
}

// several returns what gives the keys of an item, with what of the item says so, or why
// nothing does.
func (s *store) several(item fields) (from v1alpha1.DataFrom, source fields, why string) {
	extract, find := item.get("extract"), item.get("find")
	switch {
	case extract.text("metadataPolicy") == "Fetch":
		return from, extract, "metadata of entries is not served"
	case !extract.set():
		from, why = s.find(find)
		return from, find, why
	}
	if from.Entry, why = s.entry(extract.text("key"), extract.text("property")); why == "" {
		from.Entry.Version = extract.text("version")
	}
	return from, extract, why
}

// conversion reports whether what no key can hold becomes an underscore.
func (c *converter) conversion(of object, source fields) bool {
	if source.text("conversionStrategy") == "Unicode" {
		c.note(of, Lost, source.path+".conversionStrategy", "characters that no key can hold do not become numbers; write rename rules")
		return false
	}
	return true
}

// A template of a rewrite that only turns letters or puts something in front.
var (
	templateUpper  = regexp.MustCompile(`^\{\{-?\s*\.value\s*\|\s*upper\s*-?\}\}$`)
	templateLower  = regexp.MustCompile(`^\{\{-?\s*\.value\s*\|\s*lower\s*-?\}\}$`)
	templatePrefix = regexp.MustCompile(`^([-._a-zA-Z0-9]+)\{\{-?\s*\.value\s*-?\}\}$`)
)

// rewrite converts one rule that makes keys of names.
func (c *converter) rewrite(of object, from *v1alpha1.DataFrom, rule fields) {
	switch expression, template := rule.get("regexp"), rule.text("transform", "template"); {
	case expression.set():
		from.Rename = append(from.Rename, v1alpha1.RenameRule{Regexp: &v1alpha1.RegexpRule{
			Match: expression.text("source"), Replace: expression.text("target"),
		}})
	case templateUpper.MatchString(template):
		from.Rename = append(from.Rename, v1alpha1.RenameRule{Case: v1alpha1.CaseUpper})
	case templateLower.MatchString(template):
		from.Rename = append(from.Rename, v1alpha1.RenameRule{Case: v1alpha1.CaseLower})
	case templatePrefix.MatchString(template):
		from.Rename = append(from.Rename, v1alpha1.RenameRule{Regexp: &v1alpha1.RegexpRule{
			Match: "^", Replace: templatePrefix.FindStringSubmatch(template)[1],
		}})
	default:
		c.note(of, Lost, rule.done().path, "the rule has no counterpart: rename by regexp, case or prefix")
	}
}

// pointer turns a path of names with dots between them into a field and the pointer inside
// it; ok is false where the path has other syntax in it.
func pointer(property string) (field, inside string, ok bool) {
	if strings.ContainsAny(property, `*?#|@!{}[]()<>=\"'`) {
		return "", "", false
	}
	parts := strings.Split(property, ".")
	for _, part := range parts[1:] {
		inside += escaped(part)
	}
	return parts[0], inside, parts[0] != ""
}

// escaped returns a name as a step of a JSON pointer (RFC 6901).
func escaped(name string) string {
	return "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// versionText returns a version that is a number as text; zero is none.
func versionText(number int64) string {
	if number == 0 {
		return ""
	}
	return strconv.FormatInt(number, 10)
}
