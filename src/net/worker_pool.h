// A fixed number of threads for calls that may wait, behind lines of bounded length.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace marconi::net {

/// Runs jobs, several at a time. The jobs of a client begin in the order in which they came, and
/// clients take turns, so that nobody waits behind all that another one has asked for. Thread-safe.
/// Jobs must not throw.
class WorkerPool {
 public:
  using Job = std::move_only_function<void()>;

  /// `threads` at least 1; `queue_length` is how many jobs may wait beyond those that run.
  WorkerPool(std::size_t threads, std::size_t queue_length);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool();

  /// Hands a job over. False, and the job is dropped, if the pool stops or too many wait. A client
  /// may not take more than half of the places that the others have left, so one who asks for very
  /// much leaves room for those who come later. Many who do so together fill the line all the same:
  /// n of them leave a part of 1/2^n, so that of 1,024 places eleven leave none.
  [[nodiscard]] bool try_submit(const std::string& client, Job job);

  /// Takes no more jobs, finishes those it has, and ends the threads.
  void stop();

 private:
  /// The jobs that wait, by client. Who waits for nothing is not there.
  using Clients = std::unordered_map<std::string, std::list<Job>>;

  [[nodiscard]] bool has_room_for(const std::string& client) const;
  [[nodiscard]] Job take_next();
  void run();

  const std::size_t queue_length_;
  std::mutex mutex_;
  std::condition_variable work_or_stop_;
  // All guarded by mutex_.
  Clients clients_;
  std::list<Clients::value_type*> turns_;  // each client once; in front the one whose turn is next
  std::size_t waiting_ = 0;                // jobs of all clients
  std::size_t idle_ = 0;                   // threads without a job
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace marconi::net
