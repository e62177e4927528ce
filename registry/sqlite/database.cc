#include "registry/sqlite/database.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace moerge::sqlite {
namespace {

Error CannotOpen(const std::string& path, int error) {
  return Error{.code = ErrorCode::kInternal,
               .message = "the store `" + path + "` cannot be opened: " + std::strerror(error),
               .param = "store"};
}

// So that a crash of the machine does not lose a file whose content was made durable.
void SyncFolderOf(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const int fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

// SQLite gives its side files the mode of the main file, so it is enough to make that one private.
Status MakeFile(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) {
    if (errno == EEXIST) return Ok{};
    return CannotOpen(path, errno);
  }
  ::close(fd);
  SyncFolderOf(path);
  return Ok{};
}

std::string_view Reason(int code) {
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return " is locked by another program; try again when it is done";
    case SQLITE_FULL: return " cannot grow: the disk is full; make room or set a lower retention";
    case SQLITE_READONLY: return " cannot be written: the file or its folder is read-only";
    case SQLITE_NOTADB: return " is not a SQLite database; name another file";
    case SQLITE_CORRUPT: return " is damaged; restore it from a copy or move it away";
    case SQLITE_IOERR: return " cannot be read or written: the disk failed or is full";
    case SQLITE_CANTOPEN: return " cannot be opened; are the file and its folder writable?";
    case SQLITE_TOOBIG: return " cannot keep so large a value";
    case SQLITE_NOMEM: return " cannot be used: out of memory";
    default: return " failed";
  }
}

}  // namespace

Result<std::unique_ptr<Database>> Database::Open(const std::string& path, const Options& options) {
  if (path.empty() || path.starts_with(":memory:")) {
    return Error{.code = ErrorCode::kInvalid,
                 .message = "a SQLite store needs a file: sqlite:PATH (or the store memory:)",
                 .param = "store"};
  }
  if (!options.read_only) {
    if (Status made = MakeFile(path); !made.ok()) return made.error();
  }
  sqlite3* handle = nullptr;
  const int flags = (options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
                    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Database> database(new Database(path, handle));
  if (code != SQLITE_OK) return database->Describe(code);
  if (!options.read_only && sqlite3_db_readonly(handle, "main") == 1)
    return database->Describe(SQLITE_READONLY);
  database->SetBusyTimeout(options.busy_timeout);
  if (options.max_pages > 0) {
    const auto bound =
        database->Number("PRAGMA max_page_count=" + std::to_string(options.max_pages));
    if (!bound.ok()) return bound.error();
  }
  return database;
}

Database::~Database() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
}

Status Database::Execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return Describe(code);
  return Ok{};
}

Query Database::Use(const std::string& sql) {
  sqlite3_stmt*& statement = statements_[sql];
  int code = SQLITE_OK;
  if (statement == nullptr) {
    code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                              SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  }
  Query query(this, statement);
  query.Note(code);
  return query;
}

Result<std::int64_t> Database::Number(const std::string& sql) {
  Query query = Use(sql);
  const Result<bool> row = query.Step();
  if (!row.ok()) return row.error();
  return *row ? query.Int(0) : 0;
}

Status Database::CheckInPlace() const {
  int moved = 0;
  const int code = sqlite3_file_control(handle_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  if (code != SQLITE_OK || moved == 0) return Ok{};  // a file system that cannot tell
  return Error{
      .code = ErrorCode::kInternal,
      .message = "the store `" + path_ +
                 "` was removed or replaced while moerge was using it. Routing goes on with "
                 "what is in memory and changes are refused; put the file back, or restart "
                 "moerge to begin with what is there",
      .param = "store"};
}

void Database::SetDeadline(std::chrono::steady_clock::time_point deadline) {
  constexpr int kInstructions = 10'000;  // between two looks at the clock
  deadline_ = deadline;
  const auto passed = [](void* database) {
    const auto until = static_cast<Database*>(database)->deadline_;
    return std::chrono::steady_clock::now() >= until ? 1 : 0;
  };
  sqlite3_progress_handler(handle_.get(), kInstructions, passed, this);
}

bool Database::Interrupted(const Error& error) { return error.code == ErrorCode::kTimeout; }

void Database::SetBusyTimeout(std::chrono::milliseconds timeout) {
  sqlite3_busy_timeout(handle_.get(), static_cast<int>(timeout.count()));
}

Error Database::Describe(int code) const {
  if ((code & 0xFF) == SQLITE_INTERRUPT) {
    return Error{ErrorCode::kTimeout, "the store `" + path_ + "` took too long"};
  }
  const bool locked = (code & 0xFF) == SQLITE_BUSY || (code & 0xFF) == SQLITE_LOCKED;
  return Error{.code = locked ? ErrorCode::kUnavailable : ErrorCode::kInternal,
               .message = "the store `" + path_ + "`" + std::string(Reason(code)),
               .detail = std::string(sqlite3_errmsg(handle_.get())) + " (" +
                         std::string(sqlite3_errstr(code)) + ", " + std::to_string(code) + ")",
               .retry_after = std::chrono::seconds(locked ? 1 : 0)};
}

Query::Query(Query&& other) noexcept
    : database_(other.database_),
      statement_(std::exchange(other.statement_, nullptr)),
      next_(other.next_),
      code_(other.code_) {}

Query::~Query() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void Query::Note(int code) {
  if (code_ == SQLITE_OK) code_ = code;
}

Query& Query::Bind(std::int64_t value) {
  if (statement_ != nullptr) Note(sqlite3_bind_int64(statement_, ++next_, value));
  return *this;
}

Query& Query::Bind(double value) {
  if (statement_ != nullptr) Note(sqlite3_bind_double(statement_, ++next_, value));
  return *this;
}

Query& Query::Bind(WallTime time) { return Bind(time.time_since_epoch().count()); }

Query& Query::Bind(std::string_view text) {
  if (statement_ == nullptr) return *this;
  Note(sqlite3_bind_text64(statement_, ++next_, text.data() == nullptr ? "" : text.data(),
                           text.size(), SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}

Query& Query::BindBlob(std::string_view bytes) {
  if (statement_ == nullptr) return *this;
  Note(sqlite3_bind_blob64(statement_, ++next_, bytes.data() == nullptr ? "" : bytes.data(),
                           bytes.size(), SQLITE_STATIC));
  return *this;
}

Result<bool> Query::Step() {
  if (code_ != SQLITE_OK) return database_->Describe(code_);
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return database_->Describe(code);
}

Status Query::Run() {
  Result<bool> row = true;
  while (row.ok() && *row) row = Step();
  next_ = 0;
  if (statement_ != nullptr) sqlite3_reset(statement_);
  if (!row.ok()) return row.error();
  return Ok{};
}

std::int64_t Query::Int(int column) const { return sqlite3_column_int64(statement_, column); }

double Query::Real(int column) const { return sqlite3_column_double(statement_, column); }

WallTime Query::Time(int column) const { return WallTime(WallTime::duration(Int(column))); }

std::string_view Query::Text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes == nullptr ? std::string_view()
                          : std::string_view(bytes, static_cast<std::size_t>(size));
}

ReadTransaction::~ReadTransaction() {
  if (open_) (void)database_.Use("COMMIT").Run();  // nothing was written
}

Status ReadTransaction::Begin() {
  const Status begun = database_.Use("BEGIN").Run();
  open_ = begun.ok();
  return begun;
}

Transaction::~Transaction() {
  if (!open_) return;
  // Some errors have already rolled back; saying it twice does no harm.
  (void)database_.Execute("ROLLBACK");
}

Status Transaction::Begin() {
  const Status begun = database_.Use("BEGIN IMMEDIATE").Run();
  open_ = begun.ok();
  return begun;
}

Status Transaction::Commit() {
  const Status committed = database_.Use("COMMIT").Run();
  open_ = !committed.ok();
  return committed;
}

}  // namespace moerge::sqlite
