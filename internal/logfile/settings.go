package logfile

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"path/filepath"
	"strings"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/phpval"
)

// Swoole's levels of a log, SWOOLE_LOG_*.
const (
	levelDebug = iota
	levelTrace
	levelInfo
	levelNotice
	levelWarning
	levelError
	levelNone
)

// Rotation is how often a file with another name is begun: SWOOLE_LOG_ROTATION_*.
type Rotation int

// The rotations.
const (
	Single Rotation = iota
	Monthly
	Daily
	Hourly
	EveryMinute
)

// defaultDate is SW_LOG_DEFAULT_DATE_FORMAT.
const defaultDate = "%F %T"

// maxDate is how long a date may get, SW_LOG_DATE_STRLEN without its zero.
const maxDate = 127

// Settings are what a script's set() says about the log. The zero value is Swoole's default, without a file.
type Settings struct {
	File         string // absolute; "" = none
	Level        int    // of SWOOLE_LOG_*, plus one; 0 = none was given, which is SWOOLE_LOG_INFO
	Rotation     Rotation
	DateFormat   string // of strftime(); "" = the default
	Microseconds bool
}

// Setting is one of them by its name.
type Setting struct {
	Name string
	Key  string // the configuration key that wins; "" = none
	// Apply takes a value of set() over. Relative files are those of folder. An error says what is wrong with it and what is done instead.
	Apply func(s *Settings, folder string, v any) error
}

// All are the settings that this package knows.
func All() []Setting {
	return []Setting{
		{"log_file", "", setFile},
		{"log_level", "log.level", setLevel},
		{"log_rotation", "", setRotation},
		{"log_date_format", "", setDateFormat},
		{"log_date_with_microseconds", "", func(s *Settings, _ string, v any) error {
			s.Microseconds = phpval.Truth(v)
			return nil
		}},
	}
}

func setFile(s *Settings, folder string, v any) error {
	name, ok := v.(string)
	if !ok && v != nil && v != false {
		return errors.New("it is no text: there is no file")
	}
	if s.File = name; name != "" && !filepath.IsAbs(name) {
		s.File = filepath.Join(folder, name)
	}
	return nil
}

func setLevel(s *Settings, _ string, v any) error {
	n, err := phpval.Number(v)
	if err != nil {
		return fmt.Errorf("%w: SWOOLE_LOG_INFO is used", err)
	}
	s.Level = 1 + int(max(levelDebug, min(n, levelNone))) // as Logger::set_level
	return nil
}

func setRotation(s *Settings, _ string, v any) error {
	n, err := phpval.Number(v)
	if err != nil {
		return fmt.Errorf("%w: the file is not rotated", err)
	}
	if s.Rotation = Rotation(n); s.Rotation < Single || s.Rotation > EveryMinute {
		s.Rotation = Daily // as Logger::gen_real_file
		return fmt.Errorf("there is no rotation %v, SWOOLE_LOG_ROTATION_DAILY is used", n)
	}
	return nil
}

func setDateFormat(s *Settings, _ string, v any) error {
	format, ok := v.(string)
	if !ok {
		return errors.New("it is no text: the date is as usual")
	}
	if n := len(strftime(format, time.Now())); n == 0 || n > maxDate {
		return fmt.Errorf("it makes a date of %d bytes, and 1 to %d are allowed: the date is as usual", n, maxDate)
	}
	s.DateFormat = format
	if bad := unknown(format); bad != "" {
		return fmt.Errorf("%s is no conversion of strftime(), and stands in the log as it is", bad)
	}
	return nil
}

// level is the least level of the bridge's own lines. There are none of Swoole's core here, for whose developers SWOOLE_LOG_DEBUG and
// SWOOLE_LOG_TRACE are: in a usual build of the extension they show what SWOOLE_LOG_INFO shows.
func (s *Settings) level() slog.Level {
	switch s.Level - 1 {
	case levelNotice, levelWarning:
		return slog.LevelWarn
	case levelError:
		return slog.LevelError
	case levelNone:
		return silent
	}
	return slog.LevelInfo
}

// silent is over every level.
const silent = slog.Level(math.MaxInt)

// LevelName is the level in Swoole's words.
func (s *Settings) LevelName() string {
	if s.Level == 0 {
		return "INFO"
	}
	return [...]string{"DEBUG", "TRACE", "INFO", "NOTICE", "WARNING", "ERROR", "NONE"}[s.Level-1]
}

// levelWord is what a line of that level says.
func levelWord(l slog.Level) string {
	switch {
	case l < slog.LevelInfo:
		return "DEBUG"
	case l < slog.LevelWarn:
		return "INFO"
	case l < slog.LevelError:
		return "WARNING"
	}
	return "ERROR"
}

// Name is the file that is written to at that time. There are no other devices for other days.
func (s *Settings) Name(at time.Time) string {
	if strings.HasPrefix(s.File, "/dev/") {
		return s.File
	}
	format := ""
	switch s.Rotation {
	case Single:
		return s.File
	case Monthly:
		format = "%Y%m"
	case Daily:
		format = "%Y%m%d"
	case Hourly:
		format = "%Y%m%d%H"
	case EveryMinute:
		format = "%Y%m%d%H%M"
	}
	return s.File + "." + strftime(format, at)
}
