package config_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/fpmbridge/fpmbridge/internal/config"
)

func TestParseSize(t *testing.T) {
	for text, want := range map[string]config.Size{
		"0": 0, "1": 1, "1B": 1, "64K": 65536, "64KiB": 65536, "64 KiB": 65536, "2M": 2 << 20, "2m": 2 << 20, "2MiB": 2 << 20,
		"1G": 1 << 30, "9223372036854775807": 1<<63 - 1,
	} {
		if got, err := config.ParseSize(text); got != want || err != nil {
			t.Errorf("%q: %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", "K", "-1", "+1", "1.5M", "1MB", "1KB", "1T", "0x10", "1_000", "M1", "9223372036854775808", "9007199254740992K",
	} {
		if got, err := config.ParseSize(text); err == nil {
			t.Errorf("%q: %d, want an error", text, got)
		}
	}
}

func FuzzParseSize(f *testing.F) {
	for _, text := range []string{"0", "64KiB", "2M", "1 G", "99999999999999999999", "1MB"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		size, err := config.ParseSize(text)
		if err != nil {
			return
		}
		if again, err := config.ParseSize(size.String()); again != size || err != nil || size < 0 {
			t.Fatalf("%q is %d, printed %q, read back as %d, %v", text, size, size, again, err)
		}
	})
}

func TestASecretIsNeverPrinted(t *testing.T) {
	c := config.Defaults()
	c.Callback.Token = "hunter2"
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "token", c.Callback.Token, "config", c)
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	all := log.String() + string(data)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		all += fmt.Sprintf(verb, c.Callback.Token) + fmt.Sprintf(verb, c.Callback)
	}
	if strings.Contains(all, "hunter2") || strings.Contains(all, fmt.Sprintf("%x", "hunter2")) {
		t.Error(all)
	}
	if c.Callback.Token.Reveal() != "hunter2" || fmt.Sprint(config.Secret("")) != "" {
		t.Error("Reveal or the empty secret")
	}
}

func TestAddressSplit(t *testing.T) {
	for a, want := range map[config.Address]string{"unix:/a:b": "unix /a:b", "tcp:[::1]:9000": "tcp [::1]:9000"} {
		network, address := a.Split()
		if got := network + " " + address; got != want {
			t.Errorf("%s: %q", a, got)
		}
	}
}
