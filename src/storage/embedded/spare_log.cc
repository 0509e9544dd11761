#include "storage/embedded/spare_log.h"

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include "base/thread_turns.h"
#include "storage/embedded/directory_names.h"

namespace marconi::storage::embedded {

using rocksdb::IOOptions;

namespace {

/// Not one of RocksDB's names, so it leaves the file alone.
constexpr const char* kName = "spare";

/// What is on its way to the disk at a time, bytes: syncs of the log wait for that.
constexpr std::uint64_t kPiece = 256u << 10;

/// No file is made where this many would not fit: what room is left is needed for other things.
constexpr std::uint64_t kRoom = 16;

std::string directory_of(const std::string& name) { return name.substr(0, name.rfind('/') + 1); }

std::string spare_beside(const std::string& log_name) { return directory_of(log_name) + kName; }

}  // namespace

SpareLog::~SpareLog() {
  maker_ = {};  // ends it, and waits for that
  const std::scoped_lock lock(mutex_);
  remove_file();
}

void SpareLog::make(const std::string& log_name, const rocksdb::FileOptions& options) {
  const std::scoped_lock lock(mutex_);
  if (state_ != State::none) return;
  state_ = State::making;
  path_ = spare_beside(log_name);
  try {
    maker_ = std::jthread([this, options, path = path_](const std::stop_token& stop) {
      base::run_patiently();
      auto file = made(path, options, stop);
      const std::scoped_lock lock(mutex_);
      file_ = std::move(file);
      state_ = file_ ? State::ready : State::failed;
      if (!file_) remove_file();  // the disk may be full
    });
  } catch (const std::system_error&) {
    state_ = State::failed;  // there may be no more threads
  }
}

/// The file, or null.
std::unique_ptr<rocksdb::FSWritableFile> SpareLog::made(const std::string& path,
                                                        rocksdb::FileOptions options,
                                                        const std::stop_token& stop) const {
  std::uint64_t room = 0;
  const auto told = disk_.GetFreeSpace(directory_of(path), IOOptions(), &room, nullptr);
  if (!told.ok() || room < kRoom * size_) return nullptr;
  options.strict_bytes_per_sync = true;  // a piece waits until the one before is on the disk
  std::unique_ptr<rocksdb::FSWritableFile> file;
  if (!disk_.NewWritableFile(path, options, &file, nullptr).ok()) return nullptr;
  return write_zeros(*file, stop) ? std::move(file) : nullptr;
}

bool SpareLog::write_zeros(rocksdb::FSWritableFile& file, const std::stop_token& stop) const {
  const std::vector<char> zeros(kPiece, '\0');
  for (std::uint64_t at = 0; at < size_; at += kPiece) {
    const auto count = std::min(kPiece, size_ - at);
    if (stop.stop_requested()) return false;
    auto status = file.PositionedAppend({zeros.data(), count}, at, IOOptions(), nullptr);
    if (status.ok()) status = file.RangeSync(at, count, IOOptions(), nullptr);
    if (!status.ok()) return false;
  }
  return file.Sync(IOOptions(), nullptr).ok();
}

std::unique_ptr<rocksdb::FSWritableFile> SpareLog::take(const std::string& log_name) {
  const std::scoped_lock lock(mutex_);
  if (path_.empty()) {
    path_ = spare_beside(log_name);
    remove_file();  // of a server that was killed
  }
  if (state_ == State::making) return nullptr;
  if (std::exchange(state_, State::none) != State::ready) return nullptr;
  if (!disk_.RenameFile(path_, log_name, IOOptions(), nullptr).ok()) {
    remove_file();
    return nullptr;
  }
  // RocksDB syncs the names with the first sync of a new file, but not on every file system: some
  // know the name of a file that is synced, if it has not been renamed.
  if (!sync_names(disk_, directory_of(log_name)).ok()) {
    file_.reset();
    disk_.DeleteFile(log_name, IOOptions(), nullptr).PermitUncheckedError();
  }
  return std::move(file_);
}

void SpareLog::remove_file() {
  file_.reset();
  if (!path_.empty()) disk_.DeleteFile(path_, IOOptions(), nullptr).PermitUncheckedError();
}

}  // namespace marconi::storage::embedded
