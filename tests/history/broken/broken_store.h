// What all broken stores have in common.
#pragma once

#include <memory>

#include "history/broken/mishaps.h"
#include "history/broken/sound_store.h"

namespace marconi::history::broken {

/// A defect derives from this and overrides the calls that it breaks.
class BrokenStore : public SoundStore {
 public:
  BrokenStore(const base::Clock& clock, base::Random& random, Mishaps& mishaps)
      : SoundStore(clock, random), mishaps_(mishaps) {}

 protected:
  [[nodiscard]] bool strike() { return mishaps_.strike(); }

 private:
  Mishaps& mishaps_;
};

/// Defect::make for one of them.
template <class Broken>
std::unique_ptr<storage::Store> make(const base::Clock& clock, base::Random& random,
                                     Mishaps& mishaps) {
  return std::make_unique<Broken>(clock, random, mishaps);
}

}  // namespace marconi::history::broken
