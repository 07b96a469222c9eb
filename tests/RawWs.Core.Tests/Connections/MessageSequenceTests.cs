using RawWs.Testing;

namespace RawWs.Tests.Connections;

/// <summary>The messages as a sequence: how often it may be begun, and which tokens end it.</summary>
public sealed class MessageSequenceTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_leaves_it_and_begins_anew_goes_on_with_the_next_message(bool isWithToken)
    {
        await using var server = await TestServer.StartAsync(async (connection, cancellationToken) =>
        {
            var token = isWithToken ? cancellationToken : CancellationToken.None;
            await foreach (var message in connection.ReadMessagesAsync(token))
            {
                await connection.SendAsync($"first {message.GetText()}", CancellationToken.None);
                break;
            }

            await foreach (var message in connection.ReadMessagesAsync(token).WithCancellation(token))
                await connection.SendAsync($"then {message.GetText()}", CancellationToken.None);
        });
        await using var client = await server.OpenAsync();

        await client.SendAsync([.. WireFrame.MaskedText("a"), .. WireFrame.MaskedText("b"), .. WireFrame.MaskedText("c")]);

        Assert.Equal(["first a", "then b", "then c"], [(await client.ReadFrameAsync()).Text, (await client.ReadFrameAsync()).Text, (await client.ReadFrameAsync()).Text]);
    }

    // Its own at the call, with the sequence, or both; beside that of the session, or alone.
    [Theory]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(true, true, false)]
    [InlineData(true, false, true)]
    [InlineData(false, true, true)]
    public async Task A_token_that_is_not_the_sessions_ends_it_with_an_exception(bool isAtCall, bool isWithSequence, bool isBesideSessions)
    {
        var outcome = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var one = new CancellationTokenSource();
        using var other = new CancellationTokenSource();
        await using var server = await TestServer.StartAsync(async (connection, cancellationToken) =>
        {
            var sessions = isBesideSessions ? cancellationToken : CancellationToken.None;
            try
            {
                await foreach (var message in connection.ReadMessagesAsync(isAtCall ? one.Token : sessions).WithCancellation(isWithSequence ? other.Token : sessions))
                    await connection.SendAsync(message, CancellationToken.None);

                outcome.SetResult(null);
            }
            catch (OperationCanceledException error)
            {
                outcome.SetResult(error);
            }
        });
        await using var client = await server.OpenAndRestAsync();

        await (isWithSequence ? other : one).CancelAsync();

        Assert.IsType<OperationCanceledException>(await outcome.Task.WaitAsync(LongestWait), exactMatch: false);
    }

    [Fact]
    public async Task The_sessions_own_token_ends_it_without_one()
    {
        var outcome = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await TestServer.StartAsync(async (connection, cancellationToken) =>
        {
            await foreach (var message in connection.ReadMessagesAsync(cancellationToken).WithCancellation(cancellationToken))
                await connection.SendAsync(message, cancellationToken);

            outcome.SetResult(cancellationToken.IsCancellationRequested);
        });
        await using var client = await server.OpenAndRestAsync();

        await client.SendAsync(WireFrame.Masked(0x88, [0x03, 0xE8]));

        Assert.True(await outcome.Task.WaitAsync(LongestWait));
    }
}
