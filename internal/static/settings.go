package static

import (
	"errors"
	"net/http"

	"github.com/fpmbridge/fpmbridge/internal/phpval"
)

// OfSettings is the handler that a Swoole script asks for with enable_static_handler, document_root, http_index_files,
// static_handler_locations, http_autoindex and url_rewrite_rules; nil without an error: none. A handler with an error: some rules are left out.
func OfSettings(settings map[string]any) (http.Handler, error) {
	s := phpval.Settings(settings)
	root := s.Text("document_root")
	if !s.Flag("enable_static_handler", false) || root == "" {
		return nil, nil //nolint:nilnil // no handler is what was asked for
	}
	rules, left := Rules(settings["url_rewrite_rules"])
	h, err := New(root, Options{
		Index: s.Texts("http_index_files"), Locations: s.Texts("static_handler_locations"), List: s.Flag("http_autoindex", false), Rules: rules,
	})
	return h, errors.Join(err, left)
}
