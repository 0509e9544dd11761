#include "storage/embedded/spare_log.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/thread_turns.h"

namespace marconi::storage::embedded {

using rocksdb::IOOptions;
using rocksdb::IOStatus;

namespace {

/// Not one of RocksDB's names, so it leaves the file alone.
constexpr const char* kName = "spare";

/// What is on its way to the disk at a time, bytes: syncs of the log wait for that.
constexpr std::uint64_t kPiece = 256u << 10;

std::string spare_beside(const std::string& log_name) {
  return log_name.substr(0, log_name.rfind('/') + 1) + kName;
}

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
  maker_ = std::jthread([this, options, path = path_](const std::stop_token& stop) {
    base::run_patiently();
    auto own = options;
    own.strict_bytes_per_sync = true;  // a piece waits until the one before is on the disk
    std::unique_ptr<rocksdb::FSWritableFile> file;
    const bool made =
        disk_.NewWritableFile(path, own, &file, nullptr).ok() && write_zeros(*file, stop);
    const std::scoped_lock lock(mutex_);
    file_ = std::move(file);
    state_ = made ? State::ready : State::failed;
    if (!made) remove_file();  // the disk may be full
  });
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
  return std::move(file_);
}

void SpareLog::remove_file() {
  file_.reset();
  if (!path_.empty()) disk_.DeleteFile(path_, IOOptions(), nullptr).PermitUncheckedError();
}

}  // namespace marconi::storage::embedded
