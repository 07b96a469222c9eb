using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using RawWs.Testing;

namespace RawWs.Host.Tests;

public sealed class SendTests : IDisposable
{
    private const int Large = 5 << 20;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rawws-send-");

    [Fact]
    public async Task Each_text_is_a_message_and_its_answer_is_printed()
    {
        await using var server = await LoopbackServer.StartAsync();

        var result = await RawwsProcess.RunAsync("send", server.Address, "hello", "wörld", "--wait", "2");

        Assert.Equal((ExitCode.Success, "hello\nwörld\n", ""), (result.ExitCode, result.Output, result.Errors));
    }

    [Fact]
    public async Task It_closes_with_1000_when_everything_has_been_sent()
    {
        var (session, received, closed) = ClientServer.Recorder();
        await using var server = await LoopbackServer.StartAsync(session);

        var result = await RawwsProcess.RunAsync("send", server.Address, "a", "", "c");

        Assert.Equal((ExitCode.Success, "", ""), (result.ExitCode, result.Output, result.Errors));
        Assert.Equal(["a", "", "c"], (await received).Select(message => Encoding.UTF8.GetString(message.Payload)));
        Assert.Equal(CloseCode.NormalClosure, (await closed).ReceivedCode);
    }

    [Fact]
    public async Task Each_line_of_standard_input_is_a_message()
    {
        await using var server = await LoopbackServer.StartAsync();

        var result = await RawwsProcess.RunWithInputAsync("eins\r\nzwölf\n\nlast"u8.ToArray(), "send", server.Address, "--wait", "4");

        Assert.Equal((ExitCode.Success, "eins\nzwölf\n\nlast\n", ""), (result.ExitCode, result.Output, result.Errors));
    }

    [Fact]
    public async Task A_line_that_is_not_UTF_8_is_not_guessed_at()
    {
        await using var server = await LoopbackServer.StartAsync();

        var result = await RawwsProcess.RunWithInputAsync([0x61, 0x0A, 0xFF, 0x0A], "send", server.Address);

        result.AssertFailed(ExitCode.Failure, "is not UTF-8");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_large_file_goes_there_and_back_as_one_binary_message(bool fromInput)
    {
        var content = RandomNumberGenerator.GetBytes(Large);
        var file = Path.Combine(_folder.FullName, "large");
        await File.WriteAllBytesAsync(file, content, TestContext.Current.CancellationToken);
        await using var server = await LoopbackServer.StartAsync(configure: options => options.MaxMessageSize = 2 * Large);

        var result = fromInput
            ? await RawwsProcess.RunWithInputAsync(content, "send", server.Address, "--binary", "--wait", "1", "--base64")
            : await RawwsProcess.RunAsync("send", server.Address, "--file", file, "--wait", "1", "--base64");

        Assert.Equal((ExitCode.Success, ""), (result.ExitCode, result.Errors));
        Assert.Equal(content, Convert.FromBase64String(result.Output.TrimEnd()));
    }

    [Theory]
    [InlineData(1 << 20)]
    [InlineData(0)]
    public async Task Input_that_ends_with_a_frame_ends_the_message_too(int length)
    {
        var (session, received, _) = ClientServer.Recorder();
        await using var server = await LoopbackServer.StartAsync(session);

        var result = await RawwsProcess.RunWithInputAsync(new byte[length], "send", server.Address, "--binary");

        Assert.Equal((ExitCode.Success, ""), (result.ExitCode, result.Errors));
        var (type, payload) = Assert.Single(await received);
        Assert.Equal((MessageType.Binary, length), (type, payload.Length));
    }

    [Fact]
    public async Task Without_a_reader_of_answers_a_server_that_sends_more_than_it_gets_holds_nobody_up()
    {
        // More than all buffers between the two take.
        var answer = new byte[4 << 20];
        await using var server = await LoopbackServer.StartAsync(async (connection, cancellationToken) =>
        {
            await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
                await connection.SendAsync(answer, cancellationToken: cancellationToken);
        });

        var result = await RawwsProcess.RunAsync("send", server.Address, "1", "2", "3", "4", "5", "6", "7", "8");

        Assert.Equal((ExitCode.Success, "", ""), (result.ExitCode, result.Output, result.Errors));
    }

    [Fact]
    public async Task A_server_that_closes_with_a_complaint_is_quoted_and_nothing_that_a_terminal_obeys()
    {
        await using var server = await LoopbackServer.StartAsync(async (connection, _) => await connection.CloseAsync(CloseCode.PolicyViolation, "go \e[31maway"));

        var result = await RawwsProcess.RunAsync("send", server.Address, "hello", "--wait", "1");

        result.AssertFailed(ExitCode.Failure, @"The server closed the connection with 1008 (policy violation): go \u001b[31maway");
        Assert.DoesNotContain('\e', result.Errors);
    }

    [Fact]
    public async Task A_server_that_is_gone_in_the_middle_is_told()
    {
        await using var server = await LoopbackServer.StartAsync((connection, _) =>
        {
            connection.Abort();
            return Task.CompletedTask;
        });

        var result = await RawwsProcess.RunAsync("send", server.Address, "hello", "--wait", "1");

        result.AssertFailed(ExitCode.Failure, "connection");
    }

    [Fact]
    public async Task Answers_that_do_not_come_are_waited_for_as_long_as_was_said()
    {
        var (session, _, closed) = ClientServer.Recorder();
        await using var server = await LoopbackServer.StartAsync(session);

        var result = await RawwsProcess.RunAsync("send", server.Address, "hello", "--wait", "1", "--wait-timeout", "0.1");

        result.AssertFailed(ExitCode.Failure, "0 of 1 answers came, and then none for 0.1 s; --wait-timeout waits longer.");
        Assert.Equal(CloseCode.NormalClosure, (await closed).ReceivedCode);
    }

    [Fact]
    public async Task A_server_that_closes_before_it_has_answered_is_told()
    {
        await using var server = await LoopbackServer.StartAsync(async (connection, cancellationToken) => await connection.ReceiveAsync(cancellationToken));

        var result = await RawwsProcess.RunAsync("send", server.Address, "hello", "--wait", "1");

        result.AssertFailed(ExitCode.Failure, "0 of 1 answers came before the server closed the connection.");
    }

    // Who sends has to look for the end of the input, and the server need not wait for that.
    [Fact]
    public async Task A_server_may_close_as_soon_as_it_has_everything()
    {
        await using var server = await LoopbackServer.StartAsync(async (connection, cancellationToken) => await connection.ReceiveAsync(cancellationToken));
        var (input, time) = (new Pipe(), new ManualTimeProvider());
        await input.Writer.WriteAsync("bye\n"u8.ToArray());
        using var sender = NewSender(server, input, time);
        var sending = sender.RunAsync(CancellationToken.None);

        // It has heard the close, and waits for its own sending.
        await Eventually.HoldsAsync(() => time.TimerCount > 0);
        await input.Writer.CompleteAsync();

        Assert.Equal(ExitCode.Success, await sending);
    }

    [Fact]
    public async Task A_server_that_closes_before_it_has_everything_is_told()
    {
        await using var server = await LoopbackServer.StartAsync((_, _) => Task.CompletedTask);
        var (input, time) = (new Pipe(), new ManualTimeProvider());
        using var sender = NewSender(server, input, time);
        var sending = sender.RunAsync(CancellationToken.None);

        await Eventually.HoldsAsync(() => time.TimerCount > 0);
        time.Advance(Sender.LongestEnd);

        var error = await Assert.ThrowsAsync<ClientFailureException>(() => sending);

        Assert.Equal("The server closed the connection before everything had been sent.", error.Message);
        await input.Writer.CompleteAsync();
    }

    [Fact]
    public async Task An_answer_that_is_too_large_is_refused_with_1009()
    {
        var closed = new TaskCompletionSource<CloseResult>();
        await using var server = await LoopbackServer.StartAsync(async (connection, _) =>
        {
            connection.TellHowItEnds(closed);
            await connection.SayAsync("12345");
            await connection.ReadToEndAsync();
        });

        var result = await RawwsProcess.RunAsync("send", server.Address, "hello", "--wait", "1", "--max-message-size", "4");

        result.AssertFailed(ExitCode.Failure, "The server sent a message of more than 4 bytes; --max-message-size takes larger ones.");
        Assert.Equal(CloseCode.MessageTooBig, (await closed.Task).ReceivedCode);
    }

    [Fact]
    public async Task Ctrl_C_closes_with_1000_and_ends_with_130()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows can't send these signals to one process.");
        Signals.SkipIfIgnored("INT");
        var (begun, closed) = (new TaskCompletionSource(), new TaskCompletionSource<CloseResult>());
        await using var server = await LoopbackServer.StartAsync(async (connection, cancellationToken) =>
        {
            connection.TellHowItEnds(closed);

            // Not before: a client that is still connecting has nothing to close.
            await connection.ReceiveAsync(cancellationToken);
            begun.SetResult();
            await connection.ReadToEndAsync();
        });
        await using var rawws = RawwsProcess.StartClient("send", server.Address, "hello", "--wait", "1");
        await begun.Task.WaitAsync(rawws.Deadline);

        await rawws.SignalAsync("INT");

        Assert.Equal(ExitCode.Interrupted, (await rawws.WaitForEndAsync()).ExitCode);
        Assert.Equal(CloseCode.NormalClosure, (await closed.Task).ReceivedCode);
    }

    [Theory]
    [InlineData("/closed", "The server refused the WebSocket with 401 Unauthorized: log in first. Credentials are given with --header 'Authorization: …'.")]
    [InlineData("/none", "The server refused the WebSocket with 404 Not Found")]
    public async Task A_refusal_is_told_with_its_status_and_the_first_line_of_its_body(string path, string expected)
    {
        await using var server = await StartGuardedAsync();

        var result = await RawwsProcess.RunAsync("send", new UriBuilder(server.Uri) { Path = path }.Uri.ToString(), "hello");

        result.AssertFailed(ExitCode.Failure, expected);
    }

    [Fact]
    public async Task Header_fields_and_subprotocols_reach_the_server()
    {
        await using var server = await StartGuardedAsync();
        var closed = new UriBuilder(server.Uri) { Path = "/closed" }.Uri.ToString();

        var result = await RawwsProcess.RunAsync("send", closed, "--header", "Authorization: Bearer 1234", "--subprotocol", "b.v2", "--subprotocol", "a.v1", "--compress", "--wait", "1", "hello");

        Assert.Equal((ExitCode.Success, "b.v2 a.v1 permessage-deflate\n", ""), (result.ExitCode, result.Output, result.Errors));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static Sender NewSender(LoopbackServer server, Pipe input, TimeProvider time)
        => new(new SendRequest { Client = new ClientOptions { Url = server.Uri } }, new MessagePrinter(Stream.Null, PayloadFormat.Raw, isTerminal: false), () => input.Reader.AsStream(), isInteractive: false, time);

    // Lets in who knows the word, and tells him what he asked for.
    private static Task<LoopbackServer> StartGuardedAsync()
        => LoopbackServer.StartAsync(
            async (connection, cancellationToken) =>
            {
                await connection.ReceiveAsync(cancellationToken);
                await connection.SayAsync((string)connection.UserState!); // Whoever is let in has one.
            },
            options => (options.OnUpgrade, options.Compression) = ((request, _) => new(Decide(request)), CompressionMode.Shared));

    private static UpgradeResponse Decide(UpgradeRequest request)
    {
        if (request.Path != "/closed")
            return UpgradeResponse.Refuse(HttpStatusCode.NotFound);

        return request.GetHeader("Authorization") == "Bearer 1234"
            ? UpgradeResponse.Accept(userState: $"{string.Join(' ', request.Subprotocols)} {request.GetHeader("Sec-WebSocket-Extensions")?.Split(';')[0]}")
            : UpgradeResponse.Refuse(HttpStatusCode.Unauthorized, "log in first\nor go away");
    }
}
