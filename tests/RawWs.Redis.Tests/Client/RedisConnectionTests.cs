using RawWs.Redis.Client;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Client;

/// <summary>Which connections are taken for dead, with a <see cref="RedisOptions.CommandTimeout"/> of 60 s.</summary>
public sealed class RedisConnectionTests
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData(false, 60, 120)]
    [InlineData(true, 120, 180)]
    public async Task A_server_that_says_something_all_the_time_and_answers_nothing_is_left(bool mayAnswerLate, int least, int most)
    {
        var time = new ManualTimeProvider();
        await using var stream = new HandFedStream();
        await using var connection = NewConnection(time, stream, mayAnswerLate);
        var answer = connection.SendAsync(new RedisCommand("GET", "key"), CancellationToken.None);

        var passed = TimeSpan.Zero;
        for (; passed < TimeSpan.FromMinutes(5) && connection.Failure is null; passed += Step)
        {
            await stream.FeedAsync(">1\r\n+push\r\n");
            time.Advance(Step);
        }

        Assert.InRange(passed.TotalSeconds, least, most);
        var error = await Assert.ThrowsAsync<RedisUnavailableException>(() => answer);
        Assert.Contains("Redis has not answered for 60 s", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_answer_is_waited_for_while_it_comes_but_not_without_end()
    {
        var time = new ManualTimeProvider();
        await using var stream = new HandFedStream();
        await using var connection = NewConnection(time, stream, mayAnswerLate: false);
        var (whole, endless) = (connection.SendAsync(new RedisCommand("GET", "1"), CancellationToken.None), connection.SendAsync(new RedisCommand("GET", "2"), CancellationToken.None));

        await stream.FeedAsync("$20\r\n");
        for (var count = 0; count < 20; count++)
        {
            await stream.FeedAsync("x");
            time.Advance(Step);
        }

        await stream.FeedAsync("\r\n$1000\r\n");
        Assert.Equal(new string('x', 20), (await whole).ToText());

        // It is counted from the answer before.
        var passed = TimeSpan.Zero;
        for (; passed < TimeSpan.FromMinutes(5) && connection.Failure is null; passed += Step)
        {
            await stream.FeedAsync("x");
            time.Advance(Step);
        }

        Assert.InRange(passed.TotalSeconds, 50, 60);
        await Assert.ThrowsAsync<RedisUnavailableException>(() => endless);
    }

    [Fact]
    public async Task A_server_that_answers_late_but_one_command_after_the_other_is_not_left()
    {
        var time = new ManualTimeProvider();
        await using var stream = new HandFedStream();
        await using var connection = NewConnection(time, stream, mayAnswerLate: false);
        var answers = Enumerable.Range(0, 10).Select(number => connection.SendAsync(new RedisCommand("GET", number), CancellationToken.None)).ToArray();

        for (var number = 0; number < answers.Length; number++)
        {
            for (var step = 0; step < 8; step++)
            {
                await stream.FeedAsync(">1\r\n+push\r\n");
                time.Advance(Step);
            }

            await stream.FeedAsync($":{number}\r\n");
            Assert.Equal(number, (await answers[number]).ToInteger());
        }

        Assert.Null(connection.Failure);
    }

    private static RedisConnection NewConnection(TimeProvider time, Stream stream, bool mayAnswerLate)
    {
        var options = new RedisOptions { TimeProvider = time, CommandTimeout = TimeSpan.FromSeconds(60), KeepAliveInterval = TimeSpan.FromSeconds(60) };
        return new RedisConnection(options, stream, static value => value.Type == RespType.Push, mayAnswerLate);
    }
}
