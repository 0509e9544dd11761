#include "storage/mongodb/gate.h"

namespace marconi::storage::mongodb {

namespace {

constexpr std::string_view kRoom = "storage/mongodb";

}  // namespace

base::Result<Gate::Visit> Gate::enter(Time now) {
  if (open_) return Visit(*this, false);
  const std::scoped_lock lock(mutex_);
  if (open_) return Visit(*this, false);
  if (trying_ || now < next_try_) {
    return base::fail(base::ErrorKind::unavailable, "the database is away: " + reason_);
  }
  trying_ = true;
  return Visit(*this, true);
}

void Gate::open() {
  ++answers_;
  if (open_ && ever_reached_) return;
  const std::scoped_lock lock(mutex_);
  ever_reached_ = true;
  if (open_.exchange(true) || log_ == nullptr) return;
  observability::Logger(*log_, kRoom).info("the database answers again", {{"store", store_}});
}

void Gate::close(std::string_view reason, Time now) {
  const std::scoped_lock lock(mutex_);
  reason_ = reason;
  next_try_ = now + kPause;
  if (!open_.exchange(false) || !ever_reached_ || log_ == nullptr) return;
  observability::Logger(*log_, kRoom)
      .error("the database is away", {{"store", store_}, {"reason", reason}});
}

void Gate::leave() {
  const std::scoped_lock lock(mutex_);
  trying_ = false;
}

}  // namespace marconi::storage::mongodb
