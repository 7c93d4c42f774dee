package logfile

import (
	"strconv"
	"strings"
	"time"
)

// strftime is C's, in the C locale, with the flags of glibc (%-d, %_d, %0d, %^a) and without its widths. What is no conversion stays as it is.
func strftime(format string, t time.Time) string {
	return string(appendDate(nil, format, t, nil))
}

// unknown is the first thing in a format that looks like a conversion and is none; "" = there is none.
func unknown(format string) (first string) {
	appendDate(nil, format, time.Time{}, func(bad string) {
		if first == "" {
			first = bad
		}
	})
	return first
}

// appendDate calls bad, unless it is nil, with each piece that is no conversion.
func appendDate(b []byte, format string, t time.Time, bad func(string)) []byte {
	for i := 0; i < len(format); {
		if format[i] != '%' {
			b = append(b, format[i])
			i++
			continue
		}
		end, flag := i+1, byte(0)
		for end < len(format) && strings.IndexByte("_-0^#", format[end]) >= 0 {
			flag = format[end]
			end++
		}
		if end < len(format) && (format[end] == 'E' || format[end] == 'O') { // other digits and eras, of which the C locale has none
			end++
		}
		from := len(b)
		ok := false
		if end < len(format) {
			b, ok = convert(b, format[end], flag, t)
			end++
		}
		if !ok {
			b = append(b[:from], format[i:end]...)
			if bad != nil {
				bad(format[i:end])
			}
		} else if flag == '^' {
			copy(b[from:], strings.ToUpper(string(b[from:])))
		}
		i = end
	}
	return b
}

// convert appends what a conversion stands for.
func convert(b []byte, c, flag byte, t time.Time) ([]byte, bool) {
	num := func(n, width int, pad byte) []byte {
		switch flag {
		case '-':
			width = 0
		case '_':
			pad = ' '
		case '0':
			pad = '0'
		}
		digits := strconv.Itoa(n)
		for range width - len(digits) {
			b = append(b, pad)
		}
		return append(b, digits...)
	}
	hour12 := (t.Hour()+11)%12 + 1
	isoYear, isoWeek := t.ISOWeek()
	const days = 7
	switch c {
	case 'a':
		return append(b, t.Weekday().String()[:3]...), true
	case 'A':
		return append(b, t.Weekday().String()...), true
	case 'b', 'h':
		return append(b, t.Month().String()[:3]...), true
	case 'B':
		return append(b, t.Month().String()...), true
	case 'C':
		return num(t.Year()/100, 2, '0'), true
	case 'd':
		return num(t.Day(), 2, '0'), true
	case 'e':
		return num(t.Day(), 2, ' '), true
	case 'g':
		return num(isoYear%100, 2, '0'), true
	case 'G':
		return num(isoYear, 1, '0'), true
	case 'H':
		return num(t.Hour(), 2, '0'), true
	case 'I':
		return num(hour12, 2, '0'), true
	case 'j':
		return num(t.YearDay(), 3, '0'), true
	case 'k':
		return num(t.Hour(), 2, ' '), true
	case 'l':
		return num(hour12, 2, ' '), true
	case 'm':
		return num(int(t.Month()), 2, '0'), true
	case 'M':
		return num(t.Minute(), 2, '0'), true
	case 'n':
		return append(b, '\n'), true
	case 'p':
		return t.AppendFormat(b, "PM"), true
	case 'P':
		return t.AppendFormat(b, "pm"), true
	case 's':
		return strconv.AppendInt(b, t.Unix(), 10), true
	case 'S':
		return num(t.Second(), 2, '0'), true
	case 't':
		return append(b, '\t'), true
	case 'u':
		return num((int(t.Weekday())+days-1)%days+1, 1, '0'), true
	case 'U': // weeks begin on Sundays
		return num((t.YearDay()-1+days-int(t.Weekday()))/days, 2, '0'), true
	case 'V':
		return num(isoWeek, 2, '0'), true
	case 'w':
		return num(int(t.Weekday()), 1, '0'), true
	case 'W': // weeks begin on Mondays
		return num((t.YearDay()-1+days-(int(t.Weekday())+days-1)%days)/days, 2, '0'), true
	case 'y':
		return num(t.Year()%100, 2, '0'), true
	case 'Y':
		return num(t.Year(), 1, '0'), true
	case 'z':
		return t.AppendFormat(b, "-0700"), true
	case 'Z':
		return t.AppendFormat(b, "MST"), true
	case '%':
		return append(b, '%'), true
	}
	if format := composed(c); format != "" {
		return appendDate(b, format, t, nil), true
	}
	return b, false
}

// composed is the format that a conversion is short for.
func composed(c byte) string {
	switch c {
	case 'c':
		return "%a %b %e %H:%M:%S %Y"
	case 'D', 'x':
		return "%m/%d/%y"
	case 'F':
		return "%Y-%m-%d"
	case 'r':
		return "%I:%M:%S %p"
	case 'R':
		return "%H:%M"
	case 'T', 'X':
		return "%H:%M:%S"
	}
	return ""
}
