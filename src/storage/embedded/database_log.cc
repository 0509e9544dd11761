#include "storage/embedded/database_log.h"

#include <fmt/chrono.h>

#include <chrono>

namespace marconi::storage::embedded {

namespace {

constexpr long kLargest = 4l << 20;  // bytes

}  // namespace

DatabaseLog::DatabaseLog(const std::string& directory)
    : Logger(rocksdb::InfoLogLevel::WARN_LEVEL), path_(directory + "/LOG") {
  open();
}

void DatabaseLog::Logv(const char* format, std::va_list arguments) {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const auto time = fmt::format("{:%FT%T}Z ", now);
  const std::scoped_lock lock(mutex_);
  if (!file_) return;
  (void)std::fputs(time.c_str(), file_.get());
  (void)std::vfprintf(file_.get(), format, arguments);
  (void)std::fputc('\n', file_.get());
  (void)std::fflush(file_.get());
  if (std::ftell(file_.get()) >= kLargest) {
    (void)std::rename(path_.c_str(), (path_ + ".old").c_str());
    open();
  }
}

void DatabaseLog::open() {
  file_.reset(std::fopen(path_.c_str(), "ae"));
  if (!file_) return;
  (void)std::fseek(file_.get(), 0, SEEK_END);
}

}  // namespace marconi::storage::embedded
