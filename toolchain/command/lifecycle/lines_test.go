package lifecycle

import (
	"slices"
	"strings"
	"testing"
)

func TestLinesAreShownWholeWhateverTheWrites(t *testing.T) {
	for name, writes := range map[string][]string{
		"one write": {"a\nb\r\nc"},
		"in pieces": {"a", "\nb", "\r\n", "c"},
	} {
		t.Run(name, func(t *testing.T) {
			var shown []string
			logger := &lineLogger{show: func(line string) { shown = append(shown, line) }}
			for _, data := range writes {
				if n, err := logger.Write([]byte(data)); n != len(data) || err != nil {
					t.Fatalf("Write(%q) = %d, %v", data, n, err)
				}
			}
			logger.flush()
			if want := []string{"a", "b", "c"}; !slices.Equal(shown, want) {
				t.Errorf("shown %q, want %q", shown, want)
			}
		})
	}
}

func TestALineWithoutEndIsShownInPieces(t *testing.T) {
	var sizes []int
	logger := &lineLogger{show: func(line string) { sizes = append(sizes, len(line)) }}
	_, _ = logger.Write([]byte(strings.Repeat("x", 2*maxLine+1)))
	logger.flush()
	if want := []int{maxLine, maxLine, 1}; !slices.Equal(sizes, want) {
		t.Errorf("pieces of %v bytes, want %v", sizes, want)
	}
}
