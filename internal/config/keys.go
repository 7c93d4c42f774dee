package config

import (
	"reflect"
	"strings"
)

// field is one key and where its value goes. decode.go has a case for each type.
type field struct {
	key    string
	target any
}

// fields lists all keys, in the order of bridge.yaml but for those of auth.
func (c *Config) fields() []field {
	fields := []field{
		{"listen", &c.Listen},
		{"script", &c.Script},
		{"args", &c.Args},
		{"mode", &c.Mode},
		{"launcher", &c.Launcher},
		{"workers", &c.Workers},
		{"batch", &c.Batch},
		{"queue_timeout", &c.QueueTimeout},
		{"worker_timeout", &c.WorkerTimeout},
		{"worker_memory_limit", &c.WorkerMemoryLimit},
		{"retry_window", &c.RetryWindow},
		{"routes", &c.Routes},
		{"origins", &c.Origins},
		{"subprotocols", &c.Subprotocols},
		{"compression", &c.Compression},
		{"http2", &c.HTTP2},
		{"tls.cert", &c.TLS.Cert},
		{"tls.key", &c.TLS.Key},
		{"tls.client_ca", &c.TLS.ClientCA},
		{"log.level", &c.Log.Level},
		{"log.format", &c.Log.Format},
		{"fpm.address", &c.FPM.Address},
		{"fpm.binary", &c.FPM.Binary},
		{"fpm.user", &c.FPM.User},
		{"fpm.group", &c.FPM.Group},
		{"fpm.ini", &c.FPM.INI},
		{"fpm.idle", &c.FPM.Idle},
		{"fpm.timeout", &c.FPM.Timeout},
		{"fpm.dial_timeout", &c.FPM.DialTimeout},
		{"fpm.max_answer", &c.FPM.MaxAnswer},
		{"fpm.params", &c.FPM.Params},
		{"php.binary", &c.PHP.Binary},
		{"php.ini", &c.PHP.INI},
		{"callback.listen", &c.Callback.Listen},
		{"callback.token", &c.Callback.Token},
		{"callback.group", &c.Callback.Group},
		{"callback.mode", &c.Callback.Mode},
		{"api.listen", &c.API.Listen},
		{"api.keys", &c.API.Keys},
		{"api.concurrency", &c.API.Concurrency},
		{"sdk.path", &c.SDK.Path},
		{"shared_memory.driver", &c.Shared.Driver},
		{"shared_memory.limit", &c.Shared.Limit},
		{"limits.connections", &c.Limits.Connections},
		{"limits.connections_per_address", &c.Limits.ConnectionsPerAddress},
		{"limits.requests", &c.Limits.Requests},
		{"limits.header", &c.Limits.Header},
		{"limits.header_timeout", &c.Limits.HeaderTimeout},
		{"limits.keep_alive", &c.Limits.KeepAlive},
		{"limits.detached", &c.Limits.Detached},
		{"limits.message", &c.Limits.Message},
		{"limits.inbox", &c.Limits.Inbox},
		{"limits.inbox_messages", &c.Limits.InboxMessages},
		{"limits.outbox", &c.Limits.Outbox},
		{"limits.spool", &c.Limits.Spool},
		{"limits.tasks", &c.Limits.Tasks},
		{"limits.task_data", &c.Limits.TaskData},
		{"ping.interval", &c.Ping.Interval},
		{"ping.timeout", &c.Ping.Timeout},
		{"close_timeout", &c.CloseTimeout},
		{"write_timeout", &c.WriteTimeout},
		{"swoole.clean_close", &c.CleanClose},
		{"shutdown.timeout", &c.Shutdown.Timeout},
		{"shutdown.spread", &c.Shutdown.Spread},
	}
	for _, f := range c.JWT.fields() {
		fields = append(fields, field{"auth.jwt." + f.key, f.target})
	}
	return fields
}

// fields of one entry of routes.
func (r *Route) fields() []field {
	return []field{
		{"path", &r.Path},
		{"script", &r.Script},
		{"args", &r.Args},
		{"launcher", &r.Launcher},
		{"protocol", &r.Protocol},
		{"reply", &r.Reply},
		{"origins", &r.Origins},
		{"subprotocols", &r.Subprotocols},
		{"authorize", &r.Authorize},
		{"heartbeats", heartbeatList{&r.Heartbeats}},
		{"auth", routeAuth{&r.JWT}},
	}
}

// fields of one entry of api.keys.
func (k *APIKey) fields() []field {
	return []field{{"name", &k.Name}, {"key", &k.Key}, {"key_file", &k.KeyFile}, {"scopes", &k.Scopes}}
}

// Keys names every key: those of the file, then those of a route as routes[].NAME and of an API key as api.keys[].NAME.
func Keys() []string {
	var keys []string
	for _, f := range (&Config{}).fields() {
		keys = append(keys, f.key)
	}
	for _, f := range (&Route{}).fields() {
		keys = append(keys, "routes[]."+f.key)
	}
	for _, f := range (&Heartbeat{}).fields() {
		keys = append(keys, "routes[].heartbeats[]."+f.key)
	}
	for _, f := range (&APIKey{}).fields() {
		keys = append(keys, "api.keys[]."+f.key)
	}
	return keys
}

// Given reports whether a key has another value than its default. Only then it wins over what a script sets.
func (c *Config) Given(key string) bool {
	if key == "log.level" && c.Log.Asked {
		return true
	}
	defaults := Defaults().fields()
	for i, f := range c.fields() {
		if f.key == key {
			return !reflect.DeepEqual(f.target, defaults[i].target)
		}
	}
	return false
}

// EnvName is the environment variable of a key: BRIDGE_FPM_ADDRESS for fpm.address.
func EnvName(key string) string {
	return "BRIDGE_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}
