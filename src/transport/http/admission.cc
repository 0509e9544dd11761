#include "transport/http/admission.h"

namespace marconi::transport::http {

Admission::Admission(std::size_t max_total, std::size_t max_per_peer)
    : max_total_(max_total), max_per_peer_(max_per_peer) {}

Admission::Verdict Admission::enter(const std::string& peer) {
  const std::lock_guard lock(mutex_);
  return enter_locked(peer);
}

Admission::Verdict Admission::enter_instead(const std::string& peer) {
  const std::lock_guard lock(mutex_);
  ++places_given_up_;
  return enter_locked(peer);
}

Admission::Verdict Admission::enter_locked(const std::string& peer) {
  const auto of_peer = peers_.find(peer);
  if (of_peer != peers_.end() && of_peer->second >= max_per_peer_) return Verdict::too_many_of_peer;
  if (total_ - places_given_up_ >= max_total_) return Verdict::too_many;
  if (max_per_peer_ > 0) ++peers_[peer];
  ++total_;
  return Verdict::admitted;
}

void Admission::leave(const std::string& peer, bool gave_up_place) {
  const std::lock_guard lock(mutex_);
  if (gave_up_place) --places_given_up_;
  if (max_per_peer_ > 0) {
    const auto found = peers_.find(peer);
    if (--found->second == 0) peers_.erase(found);
  }
  if (--total_ == 0) empty_.notify_all();
}

bool Admission::wait_until_empty(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return empty_.wait_until(lock, deadline, [this] { return total_ == 0; });
}

void Admission::wait_until_empty() {
  std::unique_lock lock(mutex_);
  empty_.wait(lock, [this] { return total_ == 0; });
}

}  // namespace marconi::transport::http
