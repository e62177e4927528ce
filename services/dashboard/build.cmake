# Writes OUTPUT: the dashboard as C++. SOURCE: this folder; WORK: a folder for its packages; NODE, NPM:
# programs, or empty. Without them, or where anything fails, OUTPUT is absent.cc, with a word on why, and
# WORK/failed makes the next configuration try again. Environment: MOERGE_DASHBOARD=later says that this is known.
function(absent why)
  if(NOT "$ENV{MOERGE_DASHBOARD}" STREQUAL "later")
    message("The dashboard was not built: ${why}\n"
            "moerge works without it. To get it: apt-get install nodejs npm (18 or newer), then configure and build again.")
  endif()
  configure_file(${SOURCE}/absent.cc ${OUTPUT} COPYONLY)
  file(TOUCH ${OUTPUT} ${WORK}/failed)
endfunction()

file(MAKE_DIRECTORY ${WORK})
if(NOT NODE OR NOT NPM)
  absent("there is no Node.js with npm on this machine.")
  return()
endif()
execute_process(COMMAND ${NODE} -p "process.versions.node.split('.')[0]"
                OUTPUT_VARIABLE version OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed)
if(failed OR version LESS 18)
  absent("${NODE} is Node.js ${version}, older than 18.")
  return()
endif()

set(same 1)
if(EXISTS ${WORK}/installed)
  execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files ${SOURCE}/package-lock.json ${WORK}/installed
                  RESULT_VARIABLE same)
endif()
if(same)
  foreach(file package.json package-lock.json .npmrc)
    configure_file(${SOURCE}/${file} ${WORK}/${file} COPYONLY)
  endforeach()
  execute_process(COMMAND ${NPM} ci --omit=dev --ignore-scripts --loglevel=error WORKING_DIRECTORY ${WORK}
                  OUTPUT_VARIABLE said ERROR_VARIABLE said RESULT_VARIABLE failed)
  if(failed)
    absent("npm could not install its packages.\n${said}")
    return()
  endif()
  configure_file(${SOURCE}/package-lock.json ${WORK}/installed COPYONLY)
endif()

execute_process(COMMAND ${NODE} ${SOURCE}/build.mjs --out ${OUTPUT} --modules ${WORK}/node_modules
                OUTPUT_VARIABLE said ERROR_VARIABLE said RESULT_VARIABLE failed)
if(failed)
  absent("build.mjs failed.\n${said}")
  return()
endif()
file(WRITE ${WORK}/sizes.txt "${said}")
file(REMOVE ${WORK}/failed)
