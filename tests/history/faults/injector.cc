#include "history/faults/injector.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace marconi::history::faults {
namespace {

constexpr std::size_t kDescriptors = 1 << 16;

// State of the process this library was loaded into. All of it is zero before any constructor
// runs, as other libraries' constructors come through here.
std::atomic<ControlPage*> the_page;
std::array<std::atomic<bool>, kDescriptors> descriptors_of_store;

/// The finalizer of splitmix64.
std::uint64_t scrambled(std::uint64_t number) {
  number += 0x9e3779b97f4a7c15u;
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9u;
  number = (number ^ (number >> 27)) * 0x94d049bb133111ebu;
  return number ^ (number >> 31);
}

[[gnu::constructor]] void set_up() {
  const char* name = std::getenv(kPageVariable);
  if (name == nullptr) {
    return;
  }
  const auto file = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, name, O_RDWR | O_CLOEXEC));
  void* memory = ::mmap(nullptr, sizeof(ControlPage), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ::syscall(SYS_close, file);
  if (memory != MAP_FAILED) {
    the_page = static_cast<ControlPage*>(memory);
    ++the_page.load()->loads;
  }
}

}  // namespace

ControlPage* page() { return the_page.load(std::memory_order_acquire); }

bool happens(ControlPage& page, const std::atomic<std::uint32_t>& share) {
  const std::uint32_t wanted = share.load(std::memory_order_relaxed);
  return wanted != 0 && scrambled(page.dice++) % kMillion < wanted;
}

std::size_t take_room(ControlPage& page, std::size_t bytes) {
  std::int64_t room = page.room.load();
  std::int64_t taken = 0;
  do {
    if (room == kUnlimited) {
      return bytes;
    }
    taken = std::clamp<std::int64_t>(room, 0, static_cast<std::int64_t>(bytes));
  } while (!page.room.compare_exchange_weak(room, room - taken));
  return static_cast<std::size_t>(taken);
}

bool is_full(const ControlPage& page) { return page.room.load() <= 0; }

bool is_in_store(std::string_view path) {
  const ControlPage* control = page();
  if (control == nullptr) {
    return false;
  }
  const std::string_view store = control->store.data();
  return !store.empty() && path.starts_with(store) &&
         (path.size() == store.size() || path[store.size()] == '/');
}

void remember(int descriptor, bool is_of_store) {
  if (descriptor >= 0 && static_cast<std::size_t>(descriptor) < kDescriptors) {
    descriptors_of_store[static_cast<std::size_t>(descriptor)] = is_of_store;
  }
}

bool is_of_store(int descriptor) {
  return descriptor >= 0 && static_cast<std::size_t>(descriptor) < kDescriptors &&
         descriptors_of_store[static_cast<std::size_t>(descriptor)];
}

}  // namespace marconi::history::faults
