#include "history/fault_page.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <system_error>

namespace marconi::history {
namespace {

using faults::ControlPage;

void set(ControlPage::Path& to, const std::string& path) {
  if (path.size() >= to.size()) {
    throw std::system_error(ENAMETOOLONG, std::generic_category(), path);
  }
  std::ranges::copy(path, to.begin());
}

void* map_new(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0 || ::ftruncate(file, sizeof(ControlPage)) != 0) {
    throw std::system_error(errno, std::generic_category(), path);
  }
  void* memory = ::mmap(nullptr, sizeof(ControlPage), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ::close(file);
  if (memory == MAP_FAILED) {
    throw std::system_error(errno, std::generic_category(), path);
  }
  return memory;
}

}  // namespace

FaultPage::FaultPage(const std::filesystem::path& file, const std::filesystem::path& store)
    : file_(file), page_(new(map_new(file)) ControlPage) {
  set(page_->store, store);
}

FaultPage::~FaultPage() { ::munmap(page_, sizeof(ControlPage)); }

void FaultPage::keep_journal(const std::filesystem::path& journal,
                             const std::filesystem::path& removed) {
  set(page_->journal, journal);
  set(page_->removed, removed);
}

void FaultPage::heal() {
  page_->write_errors = 0;
  page_->sync_errors = 0;
  page_->read_errors = 0;
  page_->room = faults::kUnlimited;
}

}  // namespace marconi::history
