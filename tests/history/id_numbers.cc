#include "history/id_numbers.h"

namespace marconi::history {

std::uint32_t IdNumbers::number_of(const std::string& id) {
  const std::lock_guard lock(mutex_);
  return numbers_.try_emplace(id, static_cast<std::uint32_t>(numbers_.size() + 1)).first->second;
}

}  // namespace marconi::history
