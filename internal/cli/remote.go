package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/fpmbridge/fpmbridge/internal/config"
	"github.com/fpmbridge/fpmbridge/internal/remote"
)

// keyVariable is the environment variable that has an API key.
const keyVariable = "BRIDGE_API_KEY"

// remoteFlags are those of all commands that ask a bridge that runs.
type remoteFlags struct {
	config       string
	api          string
	key, keyFile string
	timeout      time.Duration
	json, watch  bool
	scope        string // that the command needs
}

func (f *remoteFlags) register(cmd *cobra.Command, scope string, live bool) {
	f.scope = scope
	s := cmd.Flags()
	s.SortFlags = false
	s.StringVar(&f.api, "api", "", "the bridge's `ADDRESS`: unix:PATH, tcp:HOST:PORT or http://HOST:PORT (default: that of bridge.yaml, or of the bridge that runs here)")
	s.StringVar(&f.key, "key", "", "one of api.keys; others on this machine can see it: better "+keyVariable+" or --key-file")
	s.StringVar(&f.keyFile, "key-file", "", "a `FILE` whose first line is the key")
	s.StringVar(&f.config, "config", "", "configuration `FILE` with api.listen and api.keys (default bridge.yaml, if there is one)")
	s.DurationVar(&f.timeout, "timeout", 5*time.Second, "how long the bridge may take")
	s.BoolVar(&f.json, "json", false, "print JSON, as the HTTP API has it")
	if live {
		s.BoolVar(&f.watch, "watch", false, "show it again each second, until Ctrl-C")
	}
}

// client finds the bridge.
func (f *remoteFlags) client(ctx context.Context, env Env) (*remote.Client, error) {
	getenv := env.Getenv
	if getenv == nil {
		getenv = func(string) string { return "" }
	}
	key, err := f.givenKey(getenv)
	if err != nil {
		return nil, err
	}
	address := f.api
	if address == "" {
		file := (&flags{config: f.config}).file()
		c, err := config.Load(config.Source{File: file, Getenv: getenv})
		if err != nil {
			return nil, fmt.Errorf("%w\n(the configuration says where the bridge is; --api ADDRESS does without it)", err)
		}
		if address, err = place(ctx, c, getenv); err != nil {
			return nil, err
		}
		if key == "" {
			key = keyOf(c, f.scope)
		}
	}
	c, err := remote.New(address, key, f.timeout)
	if err != nil {
		return nil, &usageError{err}
	}
	return c, nil
}

func (f *remoteFlags) givenKey(getenv func(string) string) (string, error) {
	switch {
	case f.key != "" && f.keyFile != "":
		return "", &usageError{errors.New("either --key or --key-file")}
	case f.keyFile != "":
		return firstLine(f.keyFile)
	case f.key != "":
		return f.key, nil
	}
	return getenv(keyVariable), nil
}

func firstLine(file string) (string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return "", err //nolint:wrapcheck // it names the file
	}
	line, _, _ := strings.Cut(string(b), "\n")
	return strings.TrimSpace(line), nil
}

// place is where a bridge with this configuration listens for the API.
func place(ctx context.Context, c *config.Config, getenv func(string) string) (string, error) {
	if c.API.Listen != "" {
		return string(c.API.Listen), nil
	}
	if path, ok := strings.CutPrefix(string(c.Callback.Listen), "unix:"); ok {
		return "unix:" + filepath.Join(filepath.Dir(path), "api.sock"), nil
	}
	temp := getenv("TMPDIR")
	if temp == "" {
		temp = "/tmp"
	}
	return remote.Find(ctx, temp) //nolint:wrapcheck // it says all
}

// keyOf is the first key of the configuration that may do what the command does; "" if there is none that can be read.
func keyOf(c *config.Config, scope string) string {
	for _, k := range c.API.Keys {
		if !slices.Contains(k.Scopes, scope) {
			continue
		}
		if k.KeyFile == "" {
			return k.Key.Reveal()
		}
		if key, err := firstLine(k.KeyFile); err == nil {
			return key
		}
	}
	return ""
}

// show prints a view once or until ctx ends.
func (f *remoteFlags) show(ctx context.Context, env Env, v remote.View) error {
	c, err := f.client(ctx, env)
	if err != nil {
		return err
	}
	defer c.Close()
	if f.watch {
		return remote.Watch(ctx, c, v, f.json, env.Stdout) //nolint:wrapcheck // it says all
	}
	return remote.Show(ctx, c, v, f.json, env.Stdout) //nolint:wrapcheck // as above
}

func remoteCommands(env Env) []*cobra.Command {
	return []*cobra.Command{
		pushCommand(env), closeCommand(env), connectionsCommand(env), namesCommand(env, "groups", "groups", "List groups, with how many connections are in each"),
		namesCommand(env, "users", "uids", "List users, with how many connections each has"), infoCommand(env), statsCommand(env),
	}
}

// targetFlags say for whom.
type targetFlags struct {
	fd, exceptFD                       []int64
	uid, group, exceptUID, exceptGroup []string
	all                                bool
}

func (f *targetFlags) register(cmd *cobra.Command) {
	s := cmd.Flags()
	s.Int64SliceVar(&f.fd, "fd", nil, "these connections; `FD` or several: 1,2,3")
	s.Int64SliceVar(&f.exceptFD, "except-fd", nil, "but not this `FD`")
	for _, name := range []string{"fd", "except-fd"} {
		s.Lookup(name).DefValue = "" // none, which help would spell []
	}
	s.StringArrayVar(&f.uid, "uid", nil, "all connections of a `USER`; may be given several times, as those below")
	s.StringArrayVar(&f.group, "group", nil, "all connections in a `GROUP`")
	s.BoolVar(&f.all, "all", false, "all connections")
	s.StringArrayVar(&f.exceptUID, "except-uid", nil, "but not those of this `USER`")
	s.StringArrayVar(&f.exceptGroup, "except-group", nil, "but not those in this `GROUP`")
}

func (f *targetFlags) target() (t remote.Target, err error) {
	if !f.all && len(f.fd)+len(f.uid)+len(f.group) == 0 {
		return t, &usageError{errors.New("for whom? Name --fd, --uid, --group or --all")}
	}
	for _, list := range []struct {
		from []int64
		to   *[]uint64
	}{{f.fd, &t.FDs}, {f.exceptFD, &t.ExceptFDs}} {
		for _, fd := range list.from {
			if fd < 0 {
				return t, &usageError{fmt.Errorf("%d is no connection", fd)}
			}
			*list.to = append(*list.to, uint64(fd))
		}
	}
	t.All, t.UIDs, t.Groups, t.ExceptUIDs, t.ExceptGroups = f.all, names(f.uid), names(f.group), names(f.exceptUID), names(f.exceptGroup)
	return t, nil
}

func names(list []string) (out []remote.Name) {
	for _, s := range list {
		out = append(out, remote.Name(s))
	}
	return out
}

const remoteHelp = `
The bridge is found as "serve" decides where it listens: api.listen of bridge.yaml (or BRIDGE_API_LISTEN), or else the private folder of the one bridge that runs here.`

// maxInput is more than the bridge takes: it says so itself.
const maxInput = 64 << 20

func pushCommand(env Env) *cobra.Command {
	var f remoteFlags
	var to targetFlags
	var binary bool
	var wait time.Duration
	cmd := &cobra.Command{
		Use:   "push [DATA]",
		Short: "Push a message to connections, users or groups of a bridge that runs",
		Long: `Pushes one message, DATA or what stdin has, and says what became of it. It exits with 1 if nobody got it.
` + remoteHelp,
		Example: `  fpmbridge push --all 'The shop closes in 5 minutes'
  fpmbridge push --group room --except-uid ann < message.json
  fpmbridge push --fd 7 --binary < picture.png`,
		Args: oneMessage,
		RunE: func(cmd *cobra.Command, args []string) error {
			target, err := to.target()
			if err != nil {
				return err
			}
			data, err := message(args, env.Stdin)
			if err != nil {
				return err
			}
			if !binary && !utf8.Valid(data) {
				return &usageError{errors.New("the message is not UTF-8, and no text: --binary sends bytes")}
			}
			f.timeout += wait
			c, err := f.client(cmd.Context(), env)
			if err != nil {
				return err
			}
			defer c.Close()
			return remote.Push(cmd.Context(), c, target, data, binary, wait, f.json, env.Stdout)
		},
	}
	to.register(cmd)
	cmd.Flags().BoolVar(&binary, "binary", false, "as a binary message, not as text")
	cmd.Flags().DurationVar(&wait, "wait", 0, "wait up to `TIME` until it was written to each of them")
	f.register(cmd, "push", false)
	return cmd
}

// message is the argument or all of stdin.
func message(args []string, stdin io.Reader) ([]byte, error) {
	if len(args) == 1 && args[0] != "-" {
		return []byte(args[0]), nil
	}
	if stdin == nil {
		stdin = strings.NewReader("")
	}
	b, err := io.ReadAll(io.LimitReader(stdin, maxInput))
	if err != nil {
		return nil, fmt.Errorf("stdin: %w", err)
	}
	return b, nil
}

func closeCommand(env Env) *cobra.Command {
	var f remoteFlags
	var to targetFlags
	var code int
	var reason string
	cmd := &cobra.Command{
		Use:     "close",
		Short:   "Close connections of a bridge that runs",
		Long:    "Closes connections with the close handshake, and says what became of them. It exits with 1 if there was none to close.\n" + remoteHelp,
		Example: "  fpmbridge close --uid ann --code 4001 --reason 'signed out'",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			target, err := to.target()
			if err != nil {
				return err
			}
			c, err := f.client(cmd.Context(), env)
			if err != nil {
				return err
			}
			defer c.Close()
			return remote.CloseConnections(cmd.Context(), c, target, code, reason, f.json, env.Stdout)
		},
	}
	to.register(cmd)
	cmd.Flags().IntVar(&code, "code", 1000, "close `CODE`: 1000, 1001, 1003, 1007-1014 or 3000-4999")
	cmd.Flags().StringVar(&reason, "reason", "", "at most 123 bytes")
	f.register(cmd, "admin", false)
	return cmd
}

// pageFlags say which part of a list.
func pageFlags(cmd *cobra.Command, p *remote.Page) {
	cmd.Flags().StringVar(&p.After, "after", "", "start after this one")
	cmd.Flags().IntVar(&p.Limit, "limit", 100, "at most that many")
}

func connectionsCommand(env Env) *cobra.Command {
	var f remoteFlags
	var p remote.Page
	var group, uid string
	cmd := &cobra.Command{
		Use:   "connections",
		Short: "List the connections of a bridge that runs",
		Long:  "Lists WebSockets with their users, groups and attributes.\n" + remoteHelp,
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if group != "" && uid != "" {
				return &usageError{errors.New("either --group or --uid")}
			}
			return f.show(cmd.Context(), env, remote.Connections(remote.Name(group), remote.Name(uid), p))
		},
	}
	cmd.Flags().StringVar(&group, "group", "", "only those in this group")
	cmd.Flags().StringVar(&uid, "uid", "", "only those of this user")
	pageFlags(cmd, &p)
	f.register(cmd, "read", true)
	return cmd
}

func namesCommand(env Env, name, kind, short string) *cobra.Command {
	var f remoteFlags
	var p remote.Page
	cmd := &cobra.Command{
		Use: name, Short: short, Args: noArgs,
		Long: short + ".\n" + remoteHelp,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.show(cmd.Context(), env, remote.Names(kind, p))
		},
	}
	pageFlags(cmd, &p)
	f.register(cmd, "read", true)
	return cmd
}

func infoCommand(env Env) *cobra.Command {
	var f remoteFlags
	cmd := &cobra.Command{
		Use:   "info FD",
		Short: "Say what is known of a connection",
		Long:  "Says what is known of a connection: docs/protocol.md, section 4, with its user, groups and attributes.\n" + remoteHelp,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &usageError{errors.New("which connection? Name its FD, as \"fpmbridge connections\" lists it")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			fd, err := strconv.ParseUint(args[0], 10, 64)
			if err != nil || fd > math.MaxInt64 {
				return &usageError{fmt.Errorf("%q is no FD: that is a number", args[0])}
			}
			return f.show(cmd.Context(), env, remote.Info(fd))
		},
	}
	f.register(cmd, "read", true)
	return cmd
}

func statsCommand(env Env) *cobra.Command {
	var f remoteFlags
	cmd := &cobra.Command{
		Use:   "stats",
		Short: "Show the numbers of a bridge that runs",
		Long:  "Shows what the bridge holds and what it has counted since it started; with --watch, also how much that is each second.\n" + remoteHelp,
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.show(cmd.Context(), env, remote.Stats())
		},
	}
	f.register(cmd, "read", true)
	return cmd
}

func noArgs(cmd *cobra.Command, args []string) error {
	if err := cobra.NoArgs(cmd, args); err != nil {
		return &usageError{err}
	}
	return nil
}

func oneMessage(_ *cobra.Command, args []string) error {
	if len(args) > 1 {
		return &usageError{errors.New("one message: put it in quotes")}
	}
	return nil
}
