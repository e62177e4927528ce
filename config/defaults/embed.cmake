# Writes OUTPUT: a C++ source whose FUNCTION gives every file of INPUTS as one string each.
# The bytes are written as hexadecimal escapes, so that any content is safe.
set(source "#include \"config/defaults/embedded.h\"\n\nnamespace moerge {\n\nstd::vector<EmbeddedFile> ${FUNCTION}() {\n  return {\n")
foreach(input ${INPUTS})
  get_filename_component(name ${input} NAME)
  file(READ ${input} hex HEX)
  string(LENGTH "${hex}" length)
  # All at once: taking one line after the other out of a megabyte takes seconds.
  string(REGEX REPLACE "(..)" "\\\\x\\1" bytes_of "${hex}")
  string(APPEND source "      {\"${name}\", std::string(\"${bytes_of}\"")
  math(EXPR bytes "${length} / 2")
  string(APPEND source ", ${bytes})},\n")
endforeach()
string(APPEND source "  };\n}\n\n}  // namespace moerge\n")
file(WRITE ${OUTPUT} "${source}")
