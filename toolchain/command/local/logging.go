package local

import "github.com/pulumi/pulumi-go-provider/infer"

// Logging says which streams are shown while a command runs; unset means both. The outputs are kept in any case.
// The schema's type token comes from this package's name, hence a copy here and in remote.
type Logging string

// The values that the SDKs know.
const (
	logStdout Logging = "stdout"
	logStderr Logging = "stderr"
	logBoth   Logging = "stdoutAndStderr"
	logNone   Logging = "none"
)

// Values lists the choices for the plugin's schema.
func (Logging) Values() []infer.EnumValue[Logging] {
	return []infer.EnumValue[Logging]{
		{Name: string(logStdout), Value: logStdout, Description: "Capture stdout in logs but not stderr"},
		{Name: string(logStderr), Value: logStderr, Description: "Capture stderr in logs but not stdout"},
		{Name: string(logBoth), Value: logBoth, Description: "Capture stdout and stderr in logs"},
		{Name: string(logNone), Value: logNone, Description: "Capture no logs"},
	}
}

func (l *Logging) stdout() bool { return l == nil || *l == logStdout || *l == logBoth }
func (l *Logging) stderr() bool { return l == nil || *l == logStderr || *l == logBoth }
