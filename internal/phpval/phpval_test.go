package phpval

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestTruthIsPHPs(t *testing.T) {
	for text, want := range map[string]bool{
		`null`: false, `false`: false, `0`: false, `0.0`: false, `""`: false, `"0"`: false, `[]`: false,
		`true`: true, `-1`: true, `0.1`: true, `"0.0"`: true, `" "`: true, `"false"`: true, `[0]`: true, `{"a":1}`: true,
	} {
		var value any
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			t.Fatal(err)
		}
		if Truth(value) != want {
			t.Errorf("%s is %v", text, !want)
		}
		if got := (Settings{"x": value}).Flag("x", !want); got != want && value != nil {
			t.Errorf("the setting %s is %v", text, got)
		}
	}
	for _, s := range []Settings{nil, {"x": nil}} {
		if s.Flag("x", false) || !s.Flag("x", true) {
			t.Errorf("%v: the default does not hold", s)
		}
	}
}

func TestNumbersAndSizes(t *testing.T) {
	for _, c := range []struct {
		value any
		want  int64
	}{
		{2.9, 2},
		{-3.0, -3},
		{"2M", 2 << 20},
		{" 1kb ", 1 << 10},
		{"3g", 3 << 30},
		{"7", 7},
		{"7B", 7},
		{"-1", 9},
		{"M", 9},
		{"", 9},
		{"9999999999G", 9},
		{true, 9},
		{nil, 9},
		{[]any{}, 9},
	} {
		if got := (Settings{"x": c.value}).Int(9, "x"); got != c.want {
			t.Errorf("%v is %d, not %d", c.value, got, c.want)
		}
	}
	if got := (Settings{"b": 2.0, "c": 3.0}).Int(9, "a", "b", "c"); got != 2 {
		t.Error("not the first that is there:", got)
	}
}

func TestTexts(t *testing.T) {
	s := Settings{"a": []any{"x", 1.0, nil, "y"}, "b": []any{"z"}, "c": "no list"}
	if got := s.Texts("c", "a", "none", "b"); !slices.Equal(got, []string{"x", "y", "z"}) {
		t.Errorf("%q", got)
	}
	if s.Text("c") != "no list" || s.Text("a") != "" || s.Text("none") != "" {
		t.Error("texts")
	}
}

func TestNumberIsPHPs(t *testing.T) {
	for text, want := range map[string]float64{`null`: 0, `false`: 0, `true`: 1, `1.5`: 1.5, `" 7 "`: 7, `1e300`: 1<<32 - 1, `-1e300`: -1 << 31, `"0x"`: -1, `"nan"`: -1, `[]`: -1, `{}`: -1} {
		var value any
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			t.Fatal(err)
		}
		if got, err := Number(value); got != want && err == nil || (err != nil) != (want == -1) {
			t.Errorf("%s is %v: %v", text, got, err)
		}
	}
}
