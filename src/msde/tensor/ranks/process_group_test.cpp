// Groups of threads on this machine: each has its own store, pairs and sockets, as a process has.
#include "msde/tensor/ranks/process_group.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <numeric>
#include <thread>

#include "msde/core/error.hpp"
#include "msde/core/network/socket.hpp"

namespace msde {
namespace {

using namespace std::chrono_literals;

Rendezvous local(int64_t rank, int64_t ranks, int64_t port, double timeout_seconds = 20) {
  Rendezvous r;
  r.ranks = {rank, ranks};
  r.hosts = {"127.0.0.1"};
  r.port = port;
  r.secret = "a secret of the tests";
  r.timeout_seconds = timeout_seconds;
  return r;
}

// What `rank` of `ranks` threads end with: "" or "CODE message".
std::vector<std::string> outcomes(int64_t ranks, const std::function<void(int64_t)>& act) {
  std::vector<std::string> ends(ranks);
  std::vector<std::thread> threads;
  for (int64_t r = 0; r < ranks; ++r)
    threads.emplace_back([&, r] {
      try {
        act(r);
      } catch (const Error& error) {
        ends[r] = std::to_string(static_cast<int>(error.code())) + " " + error.what();
      } catch (const std::exception& error) {
        ends[r] = std::string("other: ") + error.what();
      }
    });
  for (auto& thread : threads) thread.join();
  return ends;
}

double seconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

TEST(share, the_ranks_divide_the_rows_among_them) {
  for (const int64_t size : {1, 2, 3, 5})
    for (const int64_t rows : {1, 2, 8, 16}) {
      int64_t next = 0;
      double weight = 0;
      for (int64_t rank = 0; rank < size; ++rank) {
        const Share share = Ranks{rank, size}.share(rows);
        EXPECT_EQ(share.first, next);
        EXPECT_EQ(share.of, rows);
        EXPECT_GE(share.count, rows / size);
        EXPECT_LE(share.count, rows / size + 1);
        next += share.count;
        weight += share.weight();
      }
      EXPECT_EQ(next, rows);
      EXPECT_NEAR(weight, 1, 1e-12);
    }
  EXPECT_EQ((Ranks{1, 2}.share(3).cut(torch::arange(3)).item<int64_t>()), 2);
}

TEST(ranked_group, alone_nothing_is_exchanged) {
  const RankedGroup group;
  EXPECT_TRUE(group.leads());
  auto x = torch::arange(3.);
  group.sum(x);
  group.broadcast(x);
  EXPECT_TRUE(torch::equal(x, torch::arange(3.)));
  EXPECT_EQ(group.broadcast(std::string("text")), "text");
  EXPECT_THROW(group.together([] { throw DataError("mine"); }), DataError);
}

TEST(ranked_group, sums_and_broadcasts) {
  const int64_t port = free_local_port();
  const auto ends = outcomes(3, [&](int64_t rank) {
    const RankedGroup group(local(rank, 3, port));
    auto x = torch::arange(10007, torch::kFloat) * static_cast<double>(rank + 1);
    group.sum(x);
    EXPECT_TRUE(torch::equal(x, torch::arange(10007, torch::kFloat) * 6));
    auto y = torch::full({2, 3}, rank, torch::kDouble);
    group.broadcast(y.t(), 2);  // also of a view that is not contiguous
    EXPECT_TRUE(torch::equal(y, torch::full({2, 3}, 2, torch::kDouble)));
    EXPECT_EQ(group.broadcast("from " + std::to_string(rank), 1), "from 1");
    EXPECT_EQ(group.broadcast(rank == 0 ? std::string() : std::string("x")), "");
  });
  EXPECT_EQ(ends, (std::vector<std::string>(3, "")));
}

TEST(ranked_group, one_that_fails_takes_all_with_it) {
  const int64_t port = free_local_port();
  const auto ends = outcomes(3, [&](int64_t rank) {
    const RankedGroup group(local(rank, 3, port));
    group.together([] {});
    group.together([&] {
      if (rank == 1) throw DataError("x.h5: cannot be read");
    });
    ADD_FAILURE();
  });
  EXPECT_EQ(ends[0], "3 rank 1: x.h5: cannot be read");
  EXPECT_EQ(ends[1], "3 x.h5: cannot be read");
  EXPECT_EQ(ends[2], "3 rank 1: x.h5: cannot be read");
}

TEST(ranked_group, work_may_take_longer_than_the_time_limit) {
  const int64_t port = free_local_port();
  const auto ends = outcomes(2, [&](int64_t rank) {
    const RankedGroup group(local(rank, 2, port, 2));
    group.together([&] {
      if (rank == 0) std::this_thread::sleep_for(4s);
    });
    auto x = torch::ones({1});
    group.sum(x);
    EXPECT_EQ(x.item<float>(), 2);
  });
  EXPECT_EQ(ends, (std::vector<std::string>(2, "")));
}

TEST(ranked_group, a_rank_that_is_gone_is_named) {
  for (const int64_t size : {2, 4})
    for (const int64_t gone : {int64_t{1}, int64_t{0}}) {
      const int64_t port = free_local_port();
      const auto ends = outcomes(size, [&](int64_t rank) {
        const RankedGroup group(local(rank, size, port));
        auto x = torch::ones({1000});
        group.sum(x);
        if (rank == gone) return;
        group.sum(x);
      });
      for (int64_t rank = 0; rank < size; ++rank) {
        if (rank == gone) continue;
        EXPECT_EQ(ends[rank].rfind("75 ", 0), 0u) << ends[rank];
        EXPECT_NE(ends[rank].find(fmt::format("rank {} of {} is lost", gone, size)), std::string::npos)
            << ends[rank];
      }
    }
}

TEST(ranked_group, a_rank_that_is_silent_is_noticed_in_time) {
  const int64_t port = free_local_port();
  std::vector<std::string> ends;
  const double took = seconds([&] {
    ends = outcomes(2, [&](int64_t rank) {
      const RankedGroup group(local(rank, 2, port, 2));
      auto x = torch::ones({1000});
      if (rank == 1) std::this_thread::sleep_for(5s);
      group.sum(x);
    });
  });
  EXPECT_EQ(ends[0].rfind("75 rank 1 of 2 is lost", 0), 0u) << ends[0];
  EXPECT_NE(ends[0].find("within 2 s"), std::string::npos) << ends[0];
  EXPECT_LT(took, 10);
}

TEST(rendezvous, an_address_is_read_or_refused) {
  Rendezvous r;
  set_address(r, "tcp://node-3.cluster:29500");
  EXPECT_EQ(r.hosts, std::vector<std::string>{"node-3.cluster"});
  EXPECT_EQ(r.port, 29500);
  EXPECT_EQ(r.address(), "tcp://node-3.cluster:29500");
  set_address(r, "tcp://[fe80::1]:29500");
  EXPECT_EQ(r.hosts, std::vector<std::string>{"fe80::1"});
  for (const char* bad :
       {"", "host:1", "tcp://a b:1", "tcp://a/b:1", "tcp://[]:1", "tcp://host", "tcp://:1",
        "tcp://host:", "tcp://host:0", "tcp://host:65536", "tcp://host:1x", "tcp://host:-1"})
    EXPECT_THROW(set_address(r, bad), ConfigError) << bad;
}

TEST(rendezvous, a_port_in_use_is_refused) {
  const int64_t port = free_local_port();
  const auto ends = outcomes(2, [&](int64_t rank) {
    if (rank == 1) std::this_thread::sleep_for(300ms);
    const RankedGroup group(local(0, 2, port, 2));
  });
  EXPECT_NE(ends[0].find("2 --rendezvous"), std::string::npos) << ends[0];
  EXPECT_NE(ends[0].find("rank 1 of 2 did not come within 2s"), std::string::npos) << ends[0];
  EXPECT_NE(ends[1].find("is in use"), std::string::npos) << ends[1];
}

TEST(rendezvous, where_nobody_answers_is_refused_in_time) {
  std::vector<std::string> ends;
  EXPECT_LT(seconds([&] {
              ends = outcomes(1, [](int64_t) { const RankedGroup group(local(1, 2, free_local_port(), 2)); });
            }),
            10);
  EXPECT_NE(ends[0].find("no rank 0 answers there within 2s"), std::string::npos) << ends[0];
}

TEST(rendezvous, a_listener_that_is_no_rank_is_refused_in_time) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(socket, 8), 0);
  ASSERT_EQ(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const auto ends =
      outcomes(1, [&](int64_t) { const RankedGroup group(local(1, 2, ntohs(address.sin_port), 2)); });
  ::close(socket);
  EXPECT_NE(ends[0].find("no rank 0 answers there"), std::string::npos) << ends[0];
}

TEST(rendezvous, sockets_that_are_connected_need_no_meeting) {
  int ends[2][2];
  for (auto& pair : ends) ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  const auto done = outcomes(3, [&](int64_t rank) {
    Rendezvous r;
    r.ranks = {rank, 3};
    r.sockets = rank == 0 ? std::vector<int>{ends[0][0], ends[1][0]} : std::vector<int>{ends[rank - 1][1]};
    const RankedGroup group(r);
    auto x = torch::full({300000}, static_cast<double>(rank + 1));  // more than a socket holds
    group.sum(x);
    EXPECT_TRUE((x == 6).all().item<bool>());
  });
  EXPECT_EQ(done, (std::vector<std::string>(3, "")));
}

TEST(rendezvous, in_a_private_folder) {
  const auto ends = outcomes(3, [&](int64_t rank) {
    Rendezvous r;
    r.ranks = {rank, 3};
    r.file = fmt::format("test-{}", ::getpid());
    r.timeout_seconds = 20;
    const RankedGroup group(r);
    EXPECT_EQ(group.broadcast("from " + std::to_string(rank), 2), "from 2");
  });
  EXPECT_EQ(ends, (std::vector<std::string>(3, "")));
}

TEST(rendezvous, another_secret_is_turned_away) {
  const int64_t port = free_local_port();
  std::vector<std::string> ends;
  const double took = seconds([&] {
    ends = outcomes(3, [&](int64_t i) {  // 2: the right one, later
      Rendezvous r = local(std::min<int64_t>(i, 1), 2, port);
      if (i == 1) r.secret = "a secret of the test";
      if (i == 2) std::this_thread::sleep_for(1s);
      const RankedGroup group(r);
      auto x = torch::ones({1});
      group.sum(x);
      EXPECT_EQ(x.item<float>(), 2);
    });
  });
  EXPECT_EQ(ends[0], "");
  EXPECT_NE(ends[1].find("2 --rendezvous tcp://127.0.0.1"), std::string::npos) << ends[1];
  EXPECT_NE(ends[1].find("rank 0 has another secret"), std::string::npos) << ends[1];
  EXPECT_EQ(ends[2], "");
  EXPECT_LT(took, 5);
}

// Connections that say nothing, and some that say what no rank does.
TEST(rendezvous, strangers_neither_stop_nor_delay_it) {
  const int64_t port = free_local_port();
  const auto address = addresses_of("127.0.0.1", port).at(0);
  std::vector<Descriptor> strangers;
  double took = 0;
  const auto ends = outcomes(2, [&](int64_t rank) {
    if (rank == 1) {
      std::this_thread::sleep_for(200ms);
      for (int i = 0; i < 300; ++i) {
        strangers.push_back(connect_to(address, 1s));
        ASSERT_TRUE(strangers.back());
        const std::string says = i % 4 == 0   ? ""
                                 : i % 4 == 1 ? "GET / HTTP/1.1\r\n\r\n"
                                 : i % 4 == 2 ? "msde ranks 1"
                                              : std::string(100000, '\xff');
        ::send(strangers.back().number(), says.data(), says.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      }
    }
    took = seconds([&] {
      const RankedGroup group(local(rank, 2, port));
      auto x = torch::full({1}, 0.25 * static_cast<double>(rank + 1));
      group.sum(x);
      EXPECT_EQ(x.item<float>(), 0.75f);
      EXPECT_FALSE(connect_to(address, 1s));  // nothing listens any more
    });
  });
  EXPECT_EQ(ends, (std::vector<std::string>(2, "")));
  EXPECT_LT(took, 5);
}

TEST(rendezvous, every_address_of_a_machine_is_refused) {
  const auto ends = outcomes(1, [&](int64_t) {
    Rendezvous r = local(0, 2, free_local_port());
    r.hosts = {"0.0.0.0"};
    const RankedGroup group(r);
  });
  EXPECT_NE(ends[0].find("stands for every address"), std::string::npos) << ends[0];
}

TEST(rendezvous, a_rank_that_ends_before_all_are_there_may_come_again) {
  const int64_t port = free_local_port();
  const auto ends = outcomes(4, [&](int64_t i) {
    if (i == 1) {  // too early, and gone after a while
      EXPECT_THROW(RankedGroup(local(1, 3, port, 1)), ConfigError);
      return;
    }
    std::this_thread::sleep_for(i == 0 ? 0ms : i == 2 ? 3500ms : 4000ms);
    const RankedGroup group(local(i == 0 ? 0 : i - 1, 3, port));
  });
  EXPECT_EQ(ends, (std::vector<std::string>(4, "")));
}

TEST(rendezvous, ranks_that_disagree_are_refused) {
  int64_t port = free_local_port();
  auto ends =
      outcomes(2, [&](int64_t rank) { const RankedGroup group(local(rank, rank == 0 ? 2 : 3, port, 5)); });
  EXPECT_NE(ends[0].find("rank 1 was started with --ranks 3"), std::string::npos) << ends[0];
  EXPECT_NE(ends[1].find("rank 0 was started with --ranks 2"), std::string::npos) << ends[1];
  port = free_local_port();
  ends = outcomes(3, [&](int64_t i) { const RankedGroup group(local(std::min<int64_t>(i, 1), 3, port, 3)); });
  const auto came_later = [&](int64_t i) {
    return ends[i].find("another process is rank 1 already") != std::string::npos;
  };
  EXPECT_NE(came_later(1), came_later(2)) << ends[1] << "\n" << ends[2];
  EXPECT_NE(ends[0].find("rank 2 of 3 did not come"), std::string::npos) << ends[0];
}

}  // namespace
}  // namespace msde
