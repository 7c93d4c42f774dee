package e2e_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// phpBlocks are the PHP code blocks of a page.
func phpBlocks(t *testing.T, page string) []string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, m := range regexp.MustCompile("(?s)```php\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, m[1])
	}
	return blocks
}

// What a newcomer copies from the README runs as it stands there.
func TestREADMEScriptsRun(t *testing.T) {
	blocks := phpBlocks(t, "../README.md")
	if len(blocks) != 2 {
		t.Fatalf("the README has %d scripts, this test knows 2", len(blocks))
	}
	t.Run("plain", func(t *testing.T) {
		if lines := strings.Count(blocks[0], "\n"); lines > 15 {
			t.Errorf("the script in 15 lines has %d", lines)
		}
		c := serve(t, nil, write(t, "echo.php", blocks[0])).dial("/")
		c.want("Welcome, number 1")
		c.send("hello")
		c.want("hello")
		c.leave()
	})
	t.Run("Swoole", func(t *testing.T) {
		p := serve(t, nil, write(t, "server.php", blocks[1]))
		a := p.dial("/")
		a.want("Welcome, number 1")
		b := p.dial("/")
		b.want("Welcome, number 2")
		a.send("hello")
		a.want("hello")
		b.want("hello")
		a.leave()
		p.wantLog("1 has left")
	})
}
