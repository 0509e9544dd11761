// What a driver brings along to be examined by the contract suite.
#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "base/clock.h"
#include "storage/store.h"

namespace marconi::storage::contract {

/// A fresh, empty store, and the strings by which a test moves it.
class Fixture {
 public:
  virtual ~Fixture() = default;

  /// The store. A reference from before `reopen` is void.
  virtual Store& store() = 0;

  /// The only clock of the store. It starts well after the epoch and lives through `reopen`.
  virtual base::ManualClock& clock() = 0;

  /// Waits until every change whose call has returned is durable and can be read. Thread-safe.
  virtual void settle() = 0;

  /// Closes the store and opens it again over the same data, which restarts nothing but the store.
  /// False, with nothing done, if the driver keeps nothing.
  virtual bool reopen() = 0;
};

/// A driver in one configuration.
struct StoreUnderTest {
  std::string name;  ///< letters and digits; becomes part of the tests' names
  std::function<std::unique_ptr<Fixture>()> make;
  int slowness = 1;  ///< random runs make this many times fewer operations
};

/// How test output shows the parameter.
inline void PrintTo(const StoreUnderTest& store, std::ostream* out) { *out << store.name; }

}  // namespace marconi::storage::contract
