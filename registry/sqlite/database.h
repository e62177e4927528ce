// One SQLite connection: opening, errors in plain words, prepared statements, transactions.
//
// Owner: SqliteStore. Not thread-safe. Nothing throws; a statement that could not be prepared says
// so when it is run.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "config/base/result.h"
#include "registry/types.h"

namespace moerge::sqlite {

struct Options {
  std::chrono::milliseconds busy_timeout{5000};  // waiting for another program's lock
  std::int64_t max_pages = 0;                    // bound on the file's size in pages; 0: none
  bool read_only = false;                        // of a file that is there
};

class Database;

// One use of a prepared statement; it goes back to the Database when this goes out of scope. Text
// and blobs that are bound must live until the last Step.
class Query {
 public:
  Query(Query&& other) noexcept;
  Query& operator=(Query&&) = delete;
  ~Query();

  // The next parameter, from left to right.
  Query& Bind(std::int64_t value);
  Query& Bind(std::string_view text);
  Query& Bind(double value);
  Query& Bind(WallTime time);  // as ticks of its clock
  Query& BindBlob(std::string_view bytes);

  Result<bool> Step();  // false: no further row
  Status Run();         // to the end, then ready for the next round of Binds

  std::int64_t Int(int column) const;
  double Real(int column) const;
  WallTime Time(int column) const;
  std::string_view Text(int column) const;  // until the next Step; blobs too

 private:
  friend class Database;
  Query(Database* database, sqlite3_stmt* statement) : database_(database), statement_(statement) {}
  void Note(int code);

  Database* database_;
  sqlite3_stmt* statement_;  // null: could not be prepared
  int next_ = 0;
  int code_ = SQLITE_OK;  // the first thing that went wrong with binding
};

class Database {
 public:
  // Makes the file (mode 0600) if it is missing. Reads nothing yet.
  static Result<std::unique_ptr<Database>> Open(const std::string& path, const Options& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  const std::string& path() const { return path_; }

  Status Execute(const std::string& sql);
  // Prepared once per text and kept.
  Query Use(const std::string& sql);
  // The first column of the first row; 0 if there is none.
  Result<std::int64_t> Number(const std::string& sql);
  // Ok while the file that was opened is the one at path(). Errors: kInternal, it was removed or
  // replaced, so that what is written would be lost.
  Status CheckInPlace() const;
  // Statements that run when `deadline` passes end with an error for which Interrupted() is true.
  void SetDeadline(std::chrono::steady_clock::time_point deadline);
  static bool Interrupted(const Error& error);
  // How long the next statements wait for a lock.
  void SetBusyTimeout(std::chrono::milliseconds timeout);

  // kUnavailable: locked by another program, may work later. kInternal: anything else.
  Error Describe(int code) const;

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  Database(std::string path, sqlite3* handle) : path_(std::move(path)), handle_(handle) {}

  std::string path_;
  std::chrono::steady_clock::time_point deadline_{};
  std::unique_ptr<sqlite3, Close> handle_;
  std::unordered_map<std::string, sqlite3_stmt*> statements_;
};

// Several reads of one moment. REQUIRES: no transaction is open.
class ReadTransaction {
 public:
  explicit ReadTransaction(Database& database) : database_(database) {}
  ~ReadTransaction();
  ReadTransaction(const ReadTransaction&) = delete;
  ReadTransaction& operator=(const ReadTransaction&) = delete;

  Status Begin();

 private:
  Database& database_;
  bool open_ = false;
};

// Rolls back unless committed.
class Transaction {
 public:
  explicit Transaction(Database& database) : database_(database) {}
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  Status Begin();  // takes the write lock at once
  Status Commit();

 private:
  Database& database_;
  bool open_ = false;
};

}  // namespace moerge::sqlite
