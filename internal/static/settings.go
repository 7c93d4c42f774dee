package static

import (
	"net/http"

	"github.com/fpmbridge/fpmbridge/internal/phpval"
)

// OfSettings is the handler that a Swoole script asks for with enable_static_handler, document_root, http_index_files,
// static_handler_locations and http_autoindex; nil without an error: none.
func OfSettings(settings map[string]any) (http.Handler, error) {
	s := phpval.Settings(settings)
	root := s.Text("document_root")
	if !s.Flag("enable_static_handler", false) || root == "" {
		return nil, nil //nolint:nilnil // no handler is what was asked for
	}
	return New(root, Options{
		Index: s.Texts("http_index_files"), Locations: s.Texts("static_handler_locations"), List: s.Flag("http_autoindex", false),
	})
}
