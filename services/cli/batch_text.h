// A batch, as the API gives it, in words. Pure.
#pragma once

#include <string>
#include <vector>

#include "config/base/json.h"

namespace moerge::cli {

bool IsOver(json::Value batch);
// 0 to 10 tenths of its lines are done.
int TenthOf(json::Value batch);
// "[#####     ]  50 %  in_progress, 500 of 1000 lines, 3 failed, 120/s, 4 s left | ada 250, clio
// 253"
std::string ProgressLine(json::Value batch);
// One that is over: counts, files, calls by expert, what was wrong with its lines.
std::string DescribeBatch(json::Value batch);
// Of a table: id, status, lines, answered, failed, created, endpoint.
std::vector<std::string> BatchCells(json::Value batch);

}  // namespace moerge::cli
