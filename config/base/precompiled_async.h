// What nearly every source file that waits for something needs, compiled once per library. The same
// rule as for precompiled.h: sources still include what they use.
#pragma once

#include <boost/asio/post.hpp>

#include "config/base/json.h"
#include "config/base/precompiled.h"
#include "config/base/result.h"
#include "config/base/task.h"
