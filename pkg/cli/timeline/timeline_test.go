// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package timeline

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// at is a moment of the day on which all of these tests happen.
func at(hour, minute int) time.Time {
	return time.Date(2026, time.November, 12, hour, minute, 0, 0, time.UTC)
}

// status has served 1 at 10:00, 2 at 12:00, 3 at 14:00, and was rolled back to 2 at 15:00;
// revision 1 is not kept any more.
func status() *v1alpha1.SecretSyncStatus {
	served := func(number int64, hour int) v1alpha1.ServedEntry {
		return v1alpha1.ServedEntry{Revision: number, From: metav1.NewTime(at(hour, 0))}
	}
	return &v1alpha1.SecretSyncStatus{
		ServingRevision: 2, NewestRevision: 3,
		History:  []v1alpha1.HistoryEntry{{Revision: 3}, {Revision: 2}},
		Served:   []v1alpha1.ServedEntry{served(2, 15), served(3, 14), served(2, 12), served(1, 10)},
		Rollback: &v1alpha1.RollbackStatus{Requested: "2", Revision: 2},
	}
}

func TestLiveAt(t *testing.T) {
	cases := map[string]struct {
		reason string
		at     time.Time
		want   int64
		until  time.Time
		err    error
	}{
		"Now":        {at: at(23, 0), want: 2},
		"Exactly":    {reason: "it is live from its first second on", at: at(14, 0), want: 3, until: at(15, 0)},
		"JustBefore": {at: at(13, 59), want: 2, until: at(14, 0)},
		"First":      {at: at(10, 0), want: 1, until: at(12, 0)},
		"Before":     {at: at(9, 59), err: ErrNotKnown},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			span, err := LiveAt(status(), tc.at)
			if !errors.Is(err, tc.err) || span.Revision != tc.want || !span.Until.Equal(tc.until) {
				t.Errorf("%s: want %d until %s (%v), got %d until %s (%v)", tc.reason, tc.want, tc.until, tc.err, span.Revision, span.Until, err)
			}
		})
	}
	if _, err := LiveAt(&v1alpha1.SecretSyncStatus{}, at(1, 0)); !errors.Is(err, ErrNotKnown) {
		t.Errorf("nothing was ever served: want ErrNotKnown, got %v", err)
	}
}

// TestLiveAtFindsEverySpan: any moment inside a span is answered with that span.
func TestLiveAtFindsEverySpan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s v1alpha1.SecretSyncStatus
		from := at(0, 0)
		for i := range rapid.IntRange(1, 20).Draw(t, "changes") {
			from = from.Add(time.Duration(rapid.IntRange(1, 7200).Draw(t, "seconds")) * time.Second)
			s.Served = append([]v1alpha1.ServedEntry{{Revision: int64(i + 1), From: metav1.NewTime(from)}}, s.Served...)
		}
		spans := Spans(&s)
		span := spans[rapid.IntRange(0, len(spans)-1).Draw(t, "span")]
		end := span.Until
		if end.IsZero() {
			end = span.From.Add(time.Hour)
		}
		seconds := int(end.Sub(span.From.Time).Seconds())
		moment := span.From.Add(time.Duration(rapid.IntRange(0, seconds-1).Draw(t, "after")) * time.Second)
		got, err := LiveAt(&s, moment)
		if err != nil || got.Revision != span.Revision {
			t.Fatalf("want %d at %s, got %d (%v)", span.Revision, moment, got.Revision, err)
		}
	})
}

func TestResolve(t *testing.T) {
	cases := map[string]struct {
		reason string
		ask    Ask
		want   int64
		err    error
	}{
		"Number":       {ask: Ask{Number: 3}, want: 3},
		"Unknown":      {ask: Ask{Number: 9}, err: ErrNotKept},
		"Pruned":       {ask: Ask{Number: 1}, err: ErrNotKept},
		"Previous":     {reason: "what was served before the rollback", ask: Ask{Previous: true}, want: 3},
		"Time":         {ask: Ask{At: at(14, 30)}, want: 3},
		"TimeOfPruned": {ask: Ask{At: at(11, 0)}, err: ErrNotKept},
		"TooEarly":     {ask: Ask{At: at(1, 0)}, err: ErrNotKnown},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := tc.ask.Resolve(status())
			if got != tc.want || !errors.Is(err, tc.err) {
				t.Errorf("%s: want %d (%v), got %d (%v)", tc.reason, tc.want, tc.err, got, err)
			}
			if err != nil && !strings.Contains(err.Error(), "kept are 3 (newest), 2 (serving, held)") {
				t.Errorf("the error does not say what there is: %v", err)
			}
		})
	}
}

func TestPreviousOfTheFirst(t *testing.T) {
	first := &v1alpha1.SecretSyncStatus{
		ServingRevision: 1, NewestRevision: 1, Served: []v1alpha1.ServedEntry{{Revision: 1}}, History: []v1alpha1.HistoryEntry{{Revision: 1}},
	}
	if _, err := (Ask{Previous: true}).Resolve(first); !errors.Is(err, ErrNotKnown) {
		t.Errorf("want ErrNotKnown, got %v", err)
	}
}

func TestParse(t *testing.T) {
	berlin := time.FixedZone("CET", 3600)
	now := at(14, 0).In(berlin)
	cases := map[string]struct {
		text string
		want time.Time
		err  error
	}{
		"RFC3339":     {text: "2026-11-12T14:00:00Z", want: at(14, 0)},
		"OtherZone":   {text: "2026-11-12T14:00:00+01:00", want: at(13, 0)},
		"Ago":         {text: "30m", want: at(13, 30)},
		"AgoNegative": {text: "-2h", want: at(12, 0)},
		"Local":       {text: "2026-11-12 14:00", want: at(13, 0)},
		"LocalSecond": {text: "2026-11-12 14:00:30", want: at(13, 0).Add(30 * time.Second)},
		"LocalT":      {text: "2026-11-12T14:00", want: at(13, 0)},
		"Day":         {text: " 2026-11-12 ", want: at(0, 0).Add(-time.Hour)},
		"Empty":       {text: "", err: ErrNotATime},
		"Number":      {text: "3", err: ErrNotATime},
		"Word":        {text: "yesterday", err: ErrNotATime},
		"NoSuchDay":   {text: "2026-02-30 10:00", err: ErrNotATime},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := Parse(tc.text, now)
			if !errors.Is(err, tc.err) || !got.Equal(tc.want) {
				t.Errorf("want %s (%v), got %s (%v)", tc.want, tc.err, got, err)
			}
		})
	}
	if _, err := ParseAhead("30m", berlin); !errors.Is(err, ErrNotATime) {
		t.Errorf("a time to come is no time ago: %v", err)
	}
}

// TestParseWhereClocksAreChanged: a time that the clocks of Berlin show twice, or not at all,
// is no answer to what was live then.
func TestParseWhereClocksAreChanged(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		text string
		want time.Time
		err  error
	}{
		"BeforePutBack":    {text: "2026-10-25 01:59", want: time.Date(2026, 10, 24, 23, 59, 0, 0, time.UTC)},
		"PutBackFirst":     {text: "2026-10-25 02:00", err: ErrTwice},
		"PutBackLast":      {text: "2026-10-25 02:59:59", err: ErrTwice},
		"AfterPutBack":     {text: "2026-10-25 03:00", want: time.Date(2026, 10, 25, 2, 0, 0, 0, time.UTC)},
		"PutBackWithZone":  {text: "2026-10-25T02:30:00+01:00", want: time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC)},
		"BeforePutForward": {text: "2026-03-29 01:59", want: time.Date(2026, 3, 29, 0, 59, 0, 0, time.UTC)},
		"PutForward":       {text: "2026-03-29 02:30", err: ErrNotATime},
		"AfterPutForward":  {text: "2026-03-29 03:00", want: time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC)},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := Parse(tc.text, at(14, 0).In(berlin))
			if !errors.Is(err, tc.err) || !got.Equal(tc.want) {
				t.Errorf("want %s (%v), got %s (%v)", tc.want, tc.err, got, err)
			}
		})
	}
	_, err = Parse("2026-10-25 02:30", at(14, 0).In(berlin))
	if text := err.Error(); !strings.Contains(text, "2026-10-25T02:30:00+02:00") || !strings.Contains(text, "2026-10-25T02:30:00+01:00") {
		t.Errorf("the error does not say which two there are: %v", err)
	}
}

func TestNewest(t *testing.T) {
	entry := func(number int64, hour int) v1alpha1.HistoryEntry {
		return v1alpha1.HistoryEntry{Revision: number, ObservedAt: metav1.NewTime(at(hour, 0))}
	}
	cases := map[string]struct {
		reason  string
		history []v1alpha1.HistoryEntry
		want    int64
	}{
		"Plain":      {history: []v1alpha1.HistoryEntry{entry(3, 12), entry(2, 11)}, want: 3},
		"Restored":   {reason: "a backup brought higher numbers back", history: []v1alpha1.HistoryEntry{entry(9, 10), entry(4, 12)}, want: 4},
		"SameSecond": {history: []v1alpha1.HistoryEntry{entry(2, 12), entry(3, 12)}, want: 3},
		"NoHistory":  {want: 7},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := Newest(&v1alpha1.SecretSyncStatus{NewestRevision: 7, History: tc.history}); got != tc.want {
				t.Errorf("%s: want %d, got %d", tc.reason, tc.want, got)
			}
		})
	}
}

// TestSpansOfWhatIsGone: after its entries went, nothing says until when the last was live.
func TestSpansOfWhatIsGone(t *testing.T) {
	s := status()
	if span := Spans(s)[0]; !span.Live {
		t.Error("what is served is not live")
	}
	s.ServingRevision = 0
	if span := Spans(s)[0]; span.Live || !span.Until.IsZero() {
		t.Errorf("want an end that is not known, got %+v", span)
	}
}

// FuzzParse: whatever is shown can be given back, and no text does harm.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"2026-11-12T14:00:00Z", "30m", "2026-11-12 14:00", "-1h", "9999999h", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Parse(text, at(14, 0))
		if err != nil {
			if !errors.Is(err, ErrNotATime) {
				t.Errorf("want ErrNotATime, got %v", err)
			}
			return
		}
		if again, err := Parse(Time(got, time.UTC), at(14, 0)); got.Year() < 10000 && got.Year() > 0 && (err != nil || !again.Equal(got.Truncate(time.Second))) {
			t.Errorf("%q is shown as %s, which is read as %s (%v)", text, Time(got, time.UTC), again, err)
		}
	})
}

func TestChoice(t *testing.T) {
	if got := Choice(&v1alpha1.SecretSyncStatus{}); got != "no revision is kept yet" {
		t.Errorf("got %q", got)
	}
	if diff := cmp.Diff([]int64{3, 2}, Numbers(status())); diff != "" {
		t.Error(diff)
	}
}
