// How many things end in which second, and so, at any time, how many are still there: exact
// counts without looking at the things.
#pragma once

#include <cstdint>
#include <map>

#include "base/clock.h"

namespace marconi::storage::embedded {

/// Counts by end. Time only goes forward: once a second has passed, what ended in it is forgotten
/// and cannot be counted out again.
class SecondCounts {
 public:
  void add(base::UtcSeconds end, std::uint32_t count = 1);

  /// Takes away one thing that was added, unless its end has passed already.
  void remove(base::UtcSeconds end);

  /// Things whose end lies after `now`. Forgets the others.
  [[nodiscard]] std::uint64_t alive(base::UtcSeconds now);

  /// The count of one second that has not passed; 0 if there is none.
  [[nodiscard]] std::uint32_t at(base::UtcSeconds end) const;

  [[nodiscard]] const std::map<base::UtcSeconds, std::uint32_t>& by_second() const {
    return counts_;
  }
  void clear();

 private:
  std::map<base::UtcSeconds, std::uint32_t> counts_;
  std::uint64_t alive_ = 0;
};

}  // namespace marconi::storage::embedded
