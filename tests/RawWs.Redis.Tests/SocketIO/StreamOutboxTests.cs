using System.Collections.Concurrent;
using RawWs.Redis.Client;
using RawWs.Redis.SocketIO;
using RawWs.Redis.Tests.Client;
using RawWs.Redis.Tests.Servers;
using RawWs.Testing;

namespace RawWs.Redis.Tests.SocketIO;

/// <summary>What is said through a stream, against a server that answers what a test makes of it. Its clock stands still; what comes from the stream a test tells.</summary>
public sealed class StreamOutboxTests : IAsyncDisposable
{
    private const int MaxSize = 1_000_000;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    private readonly ManualTimeProvider _time = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<string> _delivered = new();
    private readonly ConcurrentQueue<string> _dropped = new();
    private ScriptedServer _server = null!;
    private RedisClient _redis = null!;
    private StreamOutbox _outbox = null!;
    private Task _running = Task.CompletedTask;
    private int _answerCount, _heldCount;
    private bool _takesNobodyElse;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _redis.DisposeAsync();
        await _server.DisposeAsync();
        _stopping.Dispose();
    }

    [Fact]
    public async Task What_passes_by_unread_is_delivered_in_its_place_and_not_said_again()
    {
        await StartAsync(static said => Id(said == "one" ? "1-0" : "2-0"));
        Task[] added = [AddAsync("one"), AddAsync("two")];
        await AddedAsync(2);

        Receive("5-0");
        await Task.WhenAll(added).WaitAsync(LongestWait);
        Assert.Equal(["one 1-0", "two 2-0", "read 5-0"], _delivered);
        await _outbox.SettleAsync().WaitAsync(LongestWait);

        _outbox.Interrupt();
        await BecomeWholeAsync();
        Assert.Equal(["one", "two"], await SaidAsync());
    }

    [Fact]
    public async Task What_was_passed_before_its_place_is_known_is_delivered_without_it()
    {
        await StartAsync(_ => IdLater("1-0"));
        var added = AddAsync("one");

        Receive("5-0");
        Interlocked.Increment(ref _answerCount);
        await added.WaitAsync(LongestWait);

        Assert.Equal(["read 5-0", "one "], _delivered);
        Assert.Equal("5-0", _outbox.Delivered);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_another_server_may_not_have_had_is_said_again_also_if_something_with_a_larger_id_is_read(bool goesBack)
    {
        await StartAsync(static _ => Id("3-0"));
        var added = AddAsync("one");
        await AddedAsync(1);

        if (goesBack)
            _outbox.GoBack("2-0");
        else
            _outbox.Interrupt();

        Receive("5-0");
        await BecomeWholeAsync();
        await added.WaitAsync(LongestWait);

        Assert.Equal(["one ", "read 5-0"], _delivered);
        Assert.Equal(["one", "one"], await SaidAsync());
    }

    [Fact]
    public async Task A_namespace_that_ends_when_Redis_is_just_back_says_first_what_it_has_to_say()
    {
        await StartAsync(static _ => Id("1-0"));
        _outbox.Interrupt();
        await AddAsync("one").WaitAsync(LongestWait);

        var flushed = _outbox.FlushAsync();
        Assert.False(flushed.IsCompleted);
        _outbox.CatchUp(StreamPlace.Beginning);
        await flushed.WaitAsync(LongestWait);
        await EndAsync();

        Assert.Equal(["one"], await SaidAsync());
        Assert.Empty(_dropped);
    }

    [Fact]
    public async Task A_namespace_does_not_wait_at_its_end_for_a_Redis_that_is_away()
    {
        await StartAsync(static _ => Id("1-0"));
        _outbox.Interrupt();
        await AddAsync("one").WaitAsync(LongestWait);
        await _redis.DisposeAsync();

        await _outbox.FlushAsync().WaitAsync(LongestWait);
        await EndAsync();

        Assert.Contains("ends before", Assert.Single(_dropped), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_under_way_when_a_namespace_ends_is_waited_for_also_while_another_connection_is_away()
    {
        await StartAsync(_ => IdLater("1-0"));
        Volatile.Write(ref _takesNobodyElse, true);
        await using var subscription = _redis.Subscribe(new RedisChannel("x"), new RecordingSubscriber());
        Assert.False(_redis.IsConnected);

        _ = _outbox.AddAsync(CommandOf("one"), size: 1, deliver: null, isKept: true);
        var flushed = _outbox.FlushAsync();
        Assert.False(flushed.IsCompleted);

        Interlocked.Increment(ref _answerCount);
        await flushed.WaitAsync(LongestWait);
        Assert.Equal(1, _outbox.AddedCount);
    }

    [Fact]
    public async Task What_is_said_behind_the_end_is_delivered_here_and_kept_no_more_than_what_is_held_then()
    {
        await StartAsync(static said => Id(said == "held" ? "1-0" : "2-0"));
        var held = AddAsync("held");
        await _outbox.AddAsync(CommandOf("delivered"), size: 1, deliver: null, isKept: true).WaitAsync(LongestWait);
        await AddedAsync(2);
        var settled = _outbox.SettleAsync();

        await EndAsync();
        await held.WaitAsync(LongestWait);
        await AddAsync("later").WaitAsync(LongestWait);
        await settled.WaitAsync(LongestWait);

        Assert.Equal(["held ", "later "], _delivered);
        Assert.Equal(["held", "delivered"], await SaidAsync());
        Assert.Contains("has ended", Assert.Single(_dropped), StringComparison.Ordinal);
        Assert.Equal(0, _outbox.AddedCount);
    }

    [Fact]
    public async Task What_does_not_fit_is_delivered_here_behind_what_was_said_before()
    {
        await StartAsync(_ => IdLater("1-0"), maxCount: 1);

        Task[] added = [AddAsync("one"), AddAsync("two")];
        await Task.WhenAll(added).WaitAsync(LongestWait);
        Interlocked.Increment(ref _answerCount);

        Assert.Equal(["one ", "two "], _delivered);
        Assert.Contains("Too much waits", Assert.Single(_dropped), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_waits_is_of_the_allowed_size_together_until_it_has_come_back()
    {
        await StartAsync(static said => Id(said == "one" ? "1-0" : "2-0"));
        var one = _outbox.AddAsync(CommandOf("one"), MaxSize, deliver: null, isKept: true);
        await _outbox.AddAsync(CommandOf("too much"), size: 1, deliver: null, isKept: true).WaitAsync(LongestWait);
        await Eventually.HoldsAsync(() => _dropped.Count == 1);
        await one.WaitAsync(LongestWait);

        Receive("1-0", isOwn: true);
        await _outbox.AddAsync(CommandOf("three"), MaxSize, deliver: null, isKept: true).WaitAsync(LongestWait);

        Assert.Equal(["one", "three"], await SaidAsync());
        Assert.Single(_dropped);
    }

    [Fact]
    public async Task What_is_volatile_does_not_wait_for_a_Redis_that_is_away()
    {
        await StartAsync(static _ => Id("1-0"));
        _outbox.Interrupt();
        await _outbox.AddAsync(CommandOf("lost"), size: 1, id => _delivered.Enqueue($"lost {id}"), isKept: false).WaitAsync(LongestWait);
        await AddAsync("kept").WaitAsync(LongestWait);
        await BecomeWholeAsync();

        Assert.Equal(["lost ", "kept "], _delivered);
        Assert.Equal(["kept"], await SaidAsync());
        Assert.Contains("volatile", Assert.Single(_dropped), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_does_not_fit_is_done_when_it_has_been_delivered()
    {
        await StartAsync(static _ => Id("1-0"), maxCount: 1);
        _outbox.Interrupt();
        var one = Task.Run(() => _outbox.AddAsync(CommandOf("one"), size: 1, _ => _delivered.Enqueue(IdLater("one")), isKept: true));
        await Eventually.HoldsAsync(() => Volatile.Read(ref _heldCount) == 1);

        var two = AddAsync("two");
        Assert.False(two.IsCompleted);
        Interlocked.Increment(ref _answerCount);
        await two.WaitAsync(LongestWait);

        Assert.Equal(2, _delivered.Count);
        await one.WaitAsync(LongestWait);
    }

    [Fact]
    public async Task What_is_refused_for_good_is_delivered_here_behind_what_was_said_before()
    {
        await StartAsync(static said => said == "one" ? Id("1-0") : "-ERR no\r\n");

        Task[] added = [AddAsync("one"), AddAsync("two")];
        await Task.WhenAll(added).WaitAsync(LongestWait);

        Assert.Equal(["one ", "two "], _delivered);
        Assert.Equal(["ERR no"], _dropped);
    }

    [Theory]
    [InlineData("OOM")]
    [InlineData("TRYAGAIN")]
    public async Task What_Redis_refuses_is_said_again_a_little_later_and_not_at_once(string refusal)
    {
        await StartAsync(_ => $"-{refusal} not now\r\n");

        await AddAsync("one").WaitAsync(LongestWait);
        for (var round = 0; round < 100; round++)
            Assert.Equal(["one"], await SaidAsync());

        await Eventually.CompletesAsync(_time, Eventually.HoldsAsync(() => _server.Commands.Count(static command => command.StartsWith("XADD ", StringComparison.Ordinal)) >= 3));
    }

    [Fact]
    public async Task What_can_never_be_sent_holds_up_nothing_behind_it()
    {
        await StartAsync(static _ => Id("1-0"), configure: static options => options.MaxPendingSize = 1_000);

        var large = AddAsync(new string('x', 2_000));
        var small = AddAsync("0123456789");
        await AddedAsync(1);
        Receive("1-0", isOwn: true);
        await Task.WhenAll(large, small).WaitAsync(LongestWait);

        Assert.Equal([$"{new string('x', 2_000)} ", "0123456789 1-0"], _delivered);
        Assert.Equal(["0123456789"], await SaidAsync());
        Assert.Contains(nameof(RedisOptions.MaxPendingSize), Assert.Single(_dropped), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_too_much_at_once_is_sent_when_there_is_room()
    {
        await StartAsync(static said => Id($"{said}-0"), configure: static options => options.MaxPendingCount = 2);

        Task[] added = [.. Enumerable.Range(1, 10).Select(number => AddAsync($"{number}"))];
        await AddedAsync(10);
        Receive("11-0");
        await Task.WhenAll(added).WaitAsync(LongestWait);

        Assert.Equal([.. Enumerable.Range(1, 10).Select(static number => $"{number} {number}-0"), "read 11-0"], _delivered);
    }

    [Fact]
    public async Task What_looks_like_its_own_and_is_not_waits_for_what_was_under_way_when_it_came_and_for_nothing_else()
    {
        await StartAsync(said => said == "one" ? IdLater("20-0") : IdLater("21-0", answerCount: 2));

        _ = AddAsync("one");
        Receive("9-0", isOwn: true);
        Receive("10-0");
        _ = AddAsync("two");
        Assert.Empty(_delivered);

        Interlocked.Increment(ref _answerCount);
        await Eventually.HoldsAsync(() => !_delivered.IsEmpty);
        Assert.Equal(["read 10-0"], _delivered);
        Interlocked.Increment(ref _answerCount);
    }

    private static string Id(string id) => $"${id.Length}\r\n{id}\r\n";

    // The server waits until so many answers are let go.
    private string IdLater(string id, int answerCount = 1)
    {
        Interlocked.Increment(ref _heldCount);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref _answerCount) >= answerCount, LongestWait));
        return Id(id);
    }

    private async Task StartAsync(Func<string, string> answer, int maxCount = 100, Action<RedisOptions>? configure = null)
    {
        _server = new ScriptedServer(command => Volatile.Read(ref _takesNobodyElse) && ScriptedServer.Login(command) is not null ? null : ScriptedServer.Login(command) ?? (command.StartsWith("XADD ", StringComparison.Ordinal) ? answer(SaidBy(command)) : "*0\r\n"));
        var options = RedisOptions.Parse($"127.0.0.1:{_server.Port}");
        options.TimeProvider = _time;
        options.ConnectTimeout = options.CommandTimeout = options.KeepAliveInterval = TimeSpan.FromDays(1);
        configure?.Invoke(options);
        _redis = new RedisClient(options);
        await _redis.WaitForConnectionAsync().AsTask().WaitAsync(LongestWait);
        _outbox = new StreamOutbox(_redis, "s", maxCount, MaxSize, error => _dropped.Enqueue(error.Message), error => _dropped.Enqueue($"failed: {error}"));
        _running = _outbox.RunAsync(_stopping.Token);
        await BecomeWholeAsync();
    }

    private async Task EndAsync()
    {
        await _stopping.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _outbox.End();
    }

    private async Task BecomeWholeAsync()
    {
        _outbox.CatchUp(StreamPlace.Beginning);
        await _outbox.WaitUntilWholeAsync(CancellationToken.None).WaitAsync(LongestWait);
    }

    private Task AddAsync(string said) => _outbox.AddAsync(CommandOf(said), said.Length, id => _delivered.Enqueue($"{said} {id}"), isKept: true);

    private void Receive(string id, bool isOwn = false) => _outbox.Receive(id, isOwn, isOwn ? null : () => _delivered.Enqueue($"read {id}"));

    /// <summary>Waits until so many have been added that have not come back.</summary>
    private Task AddedAsync(int count) => Eventually.HoldsAsync(() => _outbox.AddedCount == count);

    /// <summary>What the server has been told to add until now.</summary>
    private async Task<string[]> SaidAsync()
    {
        // Behind whatever has been sent.
        await _redis.ExecuteAsync(new RedisCommand("GET", "nothing")).AsTask().WaitAsync(LongestWait);
        return [.. _server.Commands.Where(static command => command.StartsWith("XADD ", StringComparison.Ordinal)).Select(SaidBy)];
    }

    private static RedisCommand CommandOf(string said) => new("XADD", "s", "*", "said", said);

    private static string SaidBy(string command) => command.Split(' ')[^1];
}
