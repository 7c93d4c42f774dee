package static

import "net/http"

// OfSettings is the handler that a Swoole script asks for with enable_static_handler, document_root, http_index_files,
// static_handler_locations and http_autoindex; nil without an error: none.
func OfSettings(settings map[string]any) (http.Handler, error) {
	root, _ := settings["document_root"].(string)
	if !truth(settings["enable_static_handler"]) || root == "" {
		return nil, nil //nolint:nilnil // no handler is what was asked for
	}
	return New(root, Options{
		Index: texts(settings["http_index_files"]), Locations: texts(settings["static_handler_locations"]), List: truth(settings["http_autoindex"]),
	})
}

func texts(list any) (all []string) {
	values, _ := list.([]any)
	for _, value := range values {
		if s, ok := value.(string); ok {
			all = append(all, s)
		}
	}
	return all
}

// truth is a setting as PHP takes it for a condition.
func truth(value any) bool {
	switch v := value.(type) {
	case bool:
		return v
	case float64:
		return v != 0
	case string:
		return v != "" && v != "0"
	}
	return false
}
