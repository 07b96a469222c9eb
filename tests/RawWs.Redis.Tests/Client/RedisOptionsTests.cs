using RawWs.Testing;

namespace RawWs.Redis.Tests.Client;

public sealed class RedisOptionsTests
{
    [Theory]
    [InlineData("localhost", "localhost", 6379, null, null, 0, false)]
    [InlineData("localhost:6380", "localhost", 6380, null, null, 0, false)]
    [InlineData("127.0.0.1:1", "127.0.0.1", 1, null, null, 0, false)]
    [InlineData("[::1]:6380", "::1", 6380, null, null, 0, false)]
    [InlineData("redis://host", "host", 6379, null, null, 0, false)]
    [InlineData("redis://host:6380/7", "host", 6380, null, null, 7, false)]
    [InlineData("redis://user:pass@host/", "host", 6379, "user", "pass", 0, false)]
    [InlineData("redis://:pass@host", "host", 6379, null, "pass", 0, false)]
    [InlineData("rediss://u%3Aser:p%40ss%2F@host/1", "host", 6379, "u:ser", "p@ss/", 1, true)]
    public void Where_Redis_is_fits_in_a_line(string text, string host, int port, string? user, string? password, int database, bool usesTls)
    {
        var options = RedisOptions.Parse(text);

        Assert.Equal((host, port, user, password, database, usesTls), (options.Host, options.Port, options.User, options.Password, options.Database, options.UseTls));
    }

    [Theory]
    [InlineData("", "Write where Redis is as localhost:6379, redis://")]
    [InlineData("::", "Write where Redis is as localhost:6379, redis://")]
    [InlineData("localhost:70000", "Write where Redis is as localhost:6379, redis://")]
    [InlineData("localhost:0", "The port is 1 to 65535")]
    [InlineData("http://localhost", "The scheme is redis or rediss, not http")]
    [InlineData("user:secret@localhost", "begin with redis:// or rediss://")]
    [InlineData("localhost/1", "begin with redis:// or rediss://")]
    [InlineData("redis://user@localhost", "USER:PASSWORD, or :PASSWORD")]
    [InlineData("redis://user:@localhost", "USER:PASSWORD, or :PASSWORD")]
    [InlineData("redis://u:secret:x@localhost", "write : as %3A")]
    [InlineData("redis://localhost/x", "the number of a database, such as /0")]
    [InlineData("redis://localhost/-1", "the number of a database, such as /0")]
    [InlineData("redis://localhost?ca=file", "there are only cluster, for a Redis Cluster, and with rediss ca=FILE")]
    [InlineData("rediss://localhost?x=1", "there are only cluster, for a Redis Cluster, and with rediss ca=FILE")]
    [InlineData("rediss://localhost?ca=/there/is/none", "can't be read from '/there/is/none'")]
    [InlineData("redis://:a@localhost#b", "in a password write %23")]
    [InlineData("one,two,", "Between commas there are HOST[:PORT] and nothing else")]
    [InlineData("one,,two", "Between commas there are HOST[:PORT] and nothing else")]
    [InlineData("one,two:0", "Between commas there are HOST[:PORT] and nothing else")]
    [InlineData("one,redis://u:secret@two", "Write where Redis is as localhost:6379, redis://")]
    [InlineData("redis://u:secret@one,v:secret@two", "Write where Redis is as localhost:6379, redis://")]
    [InlineData("one,a@two", "begin with redis:// or rediss://")]
    [InlineData("redis://one,two/1", "no other database than 0")]
    [InlineData("redis://one/1?cluster", "no other database than 0")]
    [InlineData("one?cluster=yes", "there are only cluster, for a Redis Cluster")]
    public void What_is_wrong_is_said_with_what_to_write_and_without_passwords(string text, string error)
    {
        var message = Assert.Throws<FormatException>(() => RedisOptions.Parse(text)).Message;

        Assert.Contains(error, message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("one,two", "one:6379 two:6379", null, false)]
    [InlineData("one:7000,127.0.0.1:7001,[::1]:7002", "one:7000 127.0.0.1:7001 ::1:7002", null, false)]
    [InlineData("redis://u:p%2Cq@one,two:7001/0", "one:6379 two:7001", "p,q", false)]
    [InlineData("rediss://one,two", "one:6379 two:6379", null, true)]
    [InlineData("one:7000?cluster", "one:7000", null, false)]
    [InlineData("rediss://:p@one?cluster", "one:6379", "p", true)]
    [InlineData("one,two?cluster", "one:6379 two:6379", null, false)]
    public void Several_servers_or_one_of_which_it_is_said_are_those_of_a_cluster(string text, string servers, string? password, bool usesTls)
    {
        var options = RedisOptions.Parse(text);

        Assert.Equal((servers, password, usesTls), (string.Join(' ', options.ClusterEndPoints.Select(static server => $"{server.Host}:{server.Port}")), options.Password, options.UseTls));
        Assert.Contains("make a RedisClusterClient", Assert.Throws<ArgumentException>(() => new RedisClient(options)).Message, StringComparison.Ordinal);
        options.Database = 1;
        Assert.Contains("no other database than 0", Assert.Throws<ArgumentException>(() => new RedisClusterClient(options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_client_is_for_where_Redis_is()
    {
        await using var one = RedisOptions.Parse("127.0.0.1:1").CreateClient();
        await using var cluster = RedisOptions.Parse("127.0.0.1:1,127.0.0.1:2").CreateClient();

        Assert.IsType<RedisClient>(one);
        Assert.IsType<RedisClusterClient>(cluster);
    }

    [Fact]
    public void Certificate_authorities_come_from_a_file()
    {
        using var authority = new CertificateAuthority();
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, authority.Pem);
            Assert.Single(RedisOptions.Parse($"rediss://localhost?ca={Uri.EscapeDataString(file)}").CertificateAuthorities);

            File.WriteAllText(file, "nothing");
            Assert.Contains("There is no certificate", Assert.Throws<FormatException>(() => RedisOptions.Parse($"rediss://localhost?ca={file}")).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Each_limit_names_its_range()
    {
        Assert.Contains("Port is 1 to 65535", Assert.Throws<ArgumentOutOfRangeException>(() => new RedisOptions { Port = 0 }).Message, StringComparison.Ordinal);
        Assert.Contains("CommandTimeout is 1 ms to a day", Assert.Throws<ArgumentOutOfRangeException>(() => new RedisOptions { CommandTimeout = TimeSpan.Zero }).Message, StringComparison.Ordinal);
        Assert.Contains("visible ASCII", Assert.Throws<ArgumentOutOfRangeException>(() => new RedisOptions { ClientName = "a b" }).Message, StringComparison.Ordinal);
    }
}
