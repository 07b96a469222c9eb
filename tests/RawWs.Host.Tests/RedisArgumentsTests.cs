using RawWs.Redis;

namespace RawWs.Host.Tests;

/// <summary>Through which Redis rooms are shared, as the command line says it.</summary>
public sealed class RedisArgumentsTests
{
    private readonly CommandLine _commandLine = new(_ => Task.FromResult(0));

    [Fact]
    public void There_are_no_other_nodes_unless_a_Redis_is_given()
    {
        Assert.Null(Parse([]));
        Assert.Null(Parse(["--redis-mode", "streams"]));
        Assert.Equal(new RedisTarget("localhost:6379", RedisBackplaneMode.PubSub), Parse(["--redis", "localhost:6379"]));
        Assert.Equal(new RedisTarget("rediss://u:p@host/1", RedisBackplaneMode.Streams), Parse(["--redis", "rediss://u:p@host/1", "--redis-mode", "Streams"]));
    }

    [Theory]
    [InlineData("--redis http://localhost", "--redis takes the address of a Redis. The scheme is redis or rediss, not http: write localhost:6379, redis://user:password@host:6379/0, rediss://host for TLS, or host1:6379,host2:6379 for servers of a Redis Cluster.")]
    [InlineData("--redis user:hunter2@localhost", "--redis takes the address of a Redis. Where there is more than a host and a port, begin with redis:// or rediss://: write localhost:6379, redis://user:password@host:6379/0, rediss://host for TLS, or host1:6379,host2:6379 for servers of a Redis Cluster.")]
    [InlineData("--redis localhost --redis-mode both", "--redis-mode takes pubsub, sharded or streams; 'both' is none of them.")]
    public void What_makes_no_sense_is_answered_with_what_to_write(string args, string error)
        => Assert.Equal(error, Assert.Single(_commandLine.Parse(args.Split(' ')).Errors).Message);

    [Theory]
    [InlineData("--redis takes the address of a Redis.", "--redis http://localhost")]
    [InlineData("--redis takes the address of a Redis.", "--redis http://localhost --redis-mode streams")]
    [InlineData("--redis-mode takes pubsub, sharded or streams; 'both' is none of them.", "--redis localhost --redis-mode both")]
    [InlineData("Option '--redis' expects a single argument but 2 were provided.", "--redis localhost --redis localhost")]
    [InlineData("Option '--redis-mode' expects a single argument but 2 were provided.", "--redis localhost --redis-mode streams --redis-mode streams")]
    public void What_makes_no_sense_by_itself_is_told_also_where_something_depends_on_it(string error, string args)
        => Assert.StartsWith(error, _commandLine.Parse(["--socketio", "--socketio-recovery", "120", .. args.Split(' ')]).Errors[0].Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("redis://u:hunter2@host:1/2", "redis://***@host:1/2")]
    [InlineData("redis://:hunter2@h%40@host", "redis://***@host")]
    [InlineData("localhost:6379", "localhost:6379")]
    public async Task A_password_is_not_shown(string address, string shown)
    {
        var result = await RawwsProcess.RunAsync(["config", "--show"], [("RAWWS_REDIS", address)]);

        // One of these is no address, and even then nothing of it is told.
        Assert.DoesNotContain("hunter2", result.Output + result.Errors + new RedisTarget(address, RedisBackplaneMode.PubSub), StringComparison.Ordinal);
        Assert.Equal(shown, RedisTarget.WithoutPassword(address));
        if (result.ExitCode == 0)
            Assert.Matches($@"(?m)^redis +{System.Text.RegularExpressions.Regex.Escape(shown)} +environment: RAWWS_REDIS$", result.Output);
    }

    private RedisTarget? Parse(string[] args)
    {
        var result = _commandLine.Parse(args);
        Assert.Empty(result.Errors);
        return _commandLine.OptionsOf(result).Redis;
    }
}
