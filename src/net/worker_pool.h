// A fixed number of threads for calls that may wait, behind a queue of bounded length.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace marconi::net {

/// Runs jobs in the order in which they came, several at a time. Thread-safe.
/// Jobs must not throw.
class WorkerPool {
 public:
  using Job = std::move_only_function<void()>;

  /// `threads` at least 1; `queue_length` is how many jobs may wait beyond those that run.
  WorkerPool(std::size_t threads, std::size_t queue_length);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool();

  /// Hands a job over. False, and the job is dropped, if the queue is full or the pool stops.
  [[nodiscard]] bool try_submit(Job job);

  /// Takes no more jobs, finishes those it has, and ends the threads.
  void stop();

 private:
  void run();

  const std::size_t queue_length_;
  std::mutex mutex_;
  std::condition_variable work_or_stop_;
  std::deque<Job> queue_;  // guarded by mutex_
  std::size_t idle_ = 0;   // guarded by mutex_: threads without a job
  bool stopping_ = false;  // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace marconi::net
