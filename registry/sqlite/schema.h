// The schema of a store and how it came to be: one step per version, kept in PRAGMA user_version.
// Blocking. A step is applied whole or not at all.
#pragma once

#include <chrono>
#include <span>

#include "config/base/result.h"
#include "registry/sqlite/database.h"

namespace moerge::sqlite {

// "MOER": tells our files from those of other programs (PRAGMA application_id).
inline constexpr std::int64_t kApplicationId = 0x4D4F4552;

// Step i leads from version i to version i + 1. Never edit one that was released; add another.
std::span<const char* const> Migrations();

// Refuses, without touching it, a file of another program and one whose version is newer than
// `migrations` lead to. Errors: kInternal; the text says both versions and what to do.
Status CheckSchema(Database& database, std::span<const char* const> migrations = Migrations());

// Applies what is missing. REQUIRES: CheckSchema was Ok.
Status Migrate(Database& database, std::span<const char* const> migrations = Migrations());

// Whether all tables are there. REQUIRES: migrated. Error: kInternal.
Status CheckTables(Database& database);
// Looks through the pages of each table for damage, for no longer than `budget`; what was not
// reached is not looked at. Leaves the connection with that deadline. Error: kInternal.
Status CheckPages(Database& database, std::chrono::milliseconds budget);

// Whether a store that is open can still be used: its file is in its place, and no newer moerge has
// changed its schema meanwhile. Errors: kInternal; the text says what happened and what to do.
Status CheckUsable(Database& database);

// Takes the write lock; what is there is CheckUsable.
Status BeginWrite(Database& database, Transaction* transaction);

}  // namespace moerge::sqlite
