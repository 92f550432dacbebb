package lifecycle

import "bytes"

// maxLine is the longest line shown in one message, in bytes: the engine's messages are limited to a few megabytes.
const maxLine = 64 << 10

// lineLogger passes what is written to it on, line by line.
type lineLogger struct {
	show    func(line string)
	partial []byte
}

func (l *lineLogger) Write(data []byte) (int, error) {
	l.partial = append(l.partial, data...)
	for {
		end := bytes.IndexByte(l.partial, '\n')
		switch {
		case end >= 0:
			l.show(string(bytes.TrimSuffix(l.partial[:end], []byte("\r"))))
			l.partial = l.partial[end+1:]
		case len(l.partial) > maxLine:
			l.show(string(l.partial[:maxLine]))
			l.partial = l.partial[maxLine:]
		default:
			return len(data), nil
		}
	}
}

func (l *lineLogger) flush() {
	if len(l.partial) > 0 {
		l.show(string(l.partial))
		l.partial = nil
	}
}
