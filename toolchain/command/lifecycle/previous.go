package lifecycle

// Variables under which a command finds what the one before it wrote.
const (
	StdoutVariable = "PULUMI_COMMAND_STDOUT"
	StderrVariable = "PULUMI_COMMAND_STDERR"
)

// Variable is one environment variable for a command.
type Variable struct{ Name, Value string }

// Previous lists the variables that carry the previous output; an empty stream has none, and enabled=false none at all.
// A missing choice (nil) means enabled.
func Previous(enabled *bool, stdout, stderr string) []Variable {
	if enabled != nil && !*enabled {
		return nil
	}
	var variables []Variable
	if stdout != "" {
		variables = append(variables, Variable{StdoutVariable, stdout})
	}
	if stderr != "" {
		variables = append(variables, Variable{StderrVariable, stderr})
	}
	return variables
}
