// The composition root: the one place that knows all rooms, builds them in the order in which
// they need each other, and takes them down in the reverse.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "config/configuration.h"
#include "observability/log.h"

namespace marconi::server {

/// A running server.
class Composition {
 public:
  /// Opens the store, builds what stands on it, and listens. All arguments must outlive the
  /// composition; the clock may be a test's. Errors carry one line for the operator.
  static base::Result<std::unique_ptr<Composition>> start(
      const config::Configuration& configuration, const base::Clock& clock,
      observability::LogSink& log);

  Composition(const Composition&) = delete;
  Composition& operator=(const Composition&) = delete;
  /// Stops without a drain, unless `stop` was called.
  ~Composition();

  /// Where it listens, e.g. `http://127.0.0.1:8888`.
  [[nodiscard]] const std::string& url() const;

  /// Takes no more requests, lets those under way end within the drain timeout, then closes the
  /// store. To be called once; nothing else may be called afterwards.
  void stop();

 private:
  struct Parts;
  Composition(std::unique_ptr<Parts> parts, observability::Logger logger);

  std::unique_ptr<Parts> parts_;
  observability::Logger logger_;
};

}  // namespace marconi::server
