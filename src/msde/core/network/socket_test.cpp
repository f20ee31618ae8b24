#include "msde/core/network/socket.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "msde/core/error.hpp"
#include "msde/core/files/test_folder.hpp"
#include "msde/core/network/private_folder.hpp"

namespace msde {
namespace {

using namespace std::chrono_literals;

TEST(socket, addresses_say_what_reaches_them) {
  const auto only = [](const std::string& host) { return addresses_of(host, 80).at(0); };
  for (const char* near : {"127.0.0.1", "127.3.2.1", "::1"}) {
    EXPECT_TRUE(only(near).is_loopback()) << near;
    EXPECT_FALSE(only(near).is_unspecified()) << near;
    EXPECT_EQ(only(near).text(), near);
  }
  for (const char* far : {"192.168.1.10", "fe80::1", "8.8.8.8"}) EXPECT_FALSE(only(far).is_loopback()) << far;
  for (const char* any : {"0.0.0.0", "::"}) {
    EXPECT_TRUE(only(any).is_unspecified()) << any;
    EXPECT_FALSE(only(any).is_loopback()) << any;
  }
  EXPECT_TRUE(addresses_of("no such host", 80).empty());
}

TEST(socket, one_listens_and_another_connects) {
  const int64_t port = free_local_port();
  const auto address = addresses_of("127.0.0.1", port).at(0);
  EXPECT_FALSE(connect_to(address, 100ms));
  const auto listener = listen_at(address);
  EXPECT_THROW(listen_at(address), std::system_error);
  EXPECT_FALSE(connect_to(addresses_of("127.0.0.2", port).at(0), 100ms));  // that address alone
  SocketAddress from;
  EXPECT_FALSE(accept_from(listener, from));
  const auto caller = connect_to(address, 1s);
  ASSERT_TRUE(caller);
  ASSERT_TRUE(wait_for(listener.number(), POLLIN, 1s));
  const auto answered = accept_from(listener, from);
  ASSERT_TRUE(answered);
  EXPECT_EQ(from.text(), "127.0.0.1");
  EXPECT_FALSE(wait_for(answered.number(), POLLIN, 0ms));
  EXPECT_TRUE(is_socket(answered.number()));
  EXPECT_FALSE(is_socket(-1));
}

TEST(private_folder, is_this_users_alone) {
  const TestFolder folder;
  ASSERT_EQ(::setenv("TMPDIR", folder.path().c_str(), 1), 0);
  const std::string path = PrivateFolder().path("x");
  const auto own = std::filesystem::path(path).parent_path();
  struct stat status {};
  ASSERT_EQ(::stat(own.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
  {
    const PrivateFolder again;
    const auto listener = listen_at(again.address("x"));
    EXPECT_TRUE(std::filesystem::exists(path));
    EXPECT_TRUE(connect_to(again.address("x"), 1s));
    again.remove("x");
    EXPECT_FALSE(std::filesystem::exists(path));
  }
  ::chmod(own.c_str(), 0755);
  EXPECT_THROW(PrivateFolder(), ConfigError);
  std::filesystem::remove_all(own);
  std::filesystem::create_directory(folder.path() + "/other");
  std::filesystem::create_symlink(folder.path() + "/other", own);
  EXPECT_THROW(PrivateFolder(), ConfigError);
  std::filesystem::remove_all(own);
  ::unsetenv("TMPDIR");
}

}  // namespace
}  // namespace msde
