# Turns the option list of "scaleout-dtexec /Help" into an mdoc list.
function escape(text) {
	gsub(/\\/, "\\e", text)
	gsub(/-/, "\\-", text)
	return text
}
/^  \// { print ".It Li \"" escape(substr($0, 3)) "\""; next }
/^        / { sub(/^ +/, ""); print escape(toupper(substr($0, 1, 1)) substr($0, 2)) "." }
