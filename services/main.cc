#include "services/cli/cli.h"

int main(int argc, char** argv) { return moerge::cli::Run(argc, argv); }
