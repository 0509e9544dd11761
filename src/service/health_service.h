// Whether the service can do its work: a quick question to the store, and a thorough self-test.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/call.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "storage/store.h"

namespace marconi::service {

using base::Call;
using base::Result;

/// How one operation of the self-test went.
struct OperationHealth {
  std::string_view name;
  bool succeeded = false;
  double seconds = 0;
  std::string failure_ref;  ///< names the failure in the log; empty if it succeeded
};

struct HealthReport {
  bool storage_reachable = false;
  std::vector<OperationHealth> operations;  ///< in the order they were run
};

/// Is told of each failed operation of a self-test, with the reference that the report shows.
using HealthFailureListener =
    std::function<void(std::string_view operation, std::string_view ref, const base::Error&)>;

/// Thread-safe.
class HealthService {
 public:
  /// All but the listener must outlive the service; the listener may be empty.
  HealthService(storage::Store& store, const base::Clock& clock, base::Random& random,
                HealthFailureListener on_failure = {})
      : store_(store), clock_(clock), random_(random), on_failure_(std::move(on_failure)) {}

  /// Success if the store answers.
  Result<void> ping(Call& call) const;

  /// Runs real operations on a queue of its own, in a project of its own, and removes it again
  /// (http-v2 §4). A store that is away and operations that fail are part of the report; an error
  /// means that nothing can be reported. Needs a call that may wait, since half a self-test
  /// cannot be repeated: `would_block` otherwise.
  Result<HealthReport> self_test(Call& call) const;

 private:
  storage::Store& store_;
  const base::Clock& clock_;
  base::Random& random_;
  HealthFailureListener on_failure_;
};

}  // namespace marconi::service
