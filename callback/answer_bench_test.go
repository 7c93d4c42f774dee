package callback

import (
	"fmt"
	"strings"
	"testing"
)

// How long does an answer of the plain encoding take to read? It stands next to some 25 µs for the exchange with php-fpm.
func BenchmarkPlainAnswer(b *testing.B) {
	fds := strings.TrimSuffix(strings.Repeat("123456,", 10_000), ",")
	for _, bench := range []struct{ name, body string }{
		{"push64B", fmt.Sprintf(`{"instructions":[{"do":"push","fd":7,"data":%q}]}`, strings.Repeat("x", 64))},
		{"push+close", `{"instructions":[{"do":"push","fd":7,"data":"hi"},{"do":"close","fd":7,"code":1000,"reason":"bye"}]}`},
		{"base64", `{"instructions":[{"do":"push","data_base64":"aGVsbG8gd29ybGQsIGhlbGxvIHdvcmxk"}]}`},
		{"list10k", fmt.Sprintf(`{"instructions":[{"do":"push","fd":[%s],"data":"hi"}]}`, fds)},
		{"push1MiB", fmt.Sprintf(`{"instructions":[{"do":"push","fd":7,"data":%q}]}`, strings.Repeat("x", 1<<20))},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(bench.body)))
			var reply Reply
			ev := Event{Type: Message, FD: 7}
			body := []byte(bench.body)
			for b.Loop() {
				reply.reset(1)
				d := answerDecoder{reply: &reply, event: &ev}
				if err := d.decode(body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
