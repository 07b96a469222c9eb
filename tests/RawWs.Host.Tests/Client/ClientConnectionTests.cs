using System.Text;

namespace RawWs.Host.Tests;

public class ClientConnectionTests
{
    [Fact]
    public async Task A_message_may_be_as_large_as_was_said_and_is_read_by_itself()
    {
        // Two texts, the first in two fragments, and a close frame.
        await using var server = ScriptedServer.Start("0102" + "6162" + "8001" + "63" + "8103" + "646566" + "8802" + "03E8");
        using var connector = new ClientConnector(new ClientOptions { Url = server.Uri });
        using var connection = await connector.ConnectAsync(TestContext.Current.CancellationToken);

        Assert.True(await connection.ReadMessageAsync(maxSize: 3));
        Assert.Equal("abc", Encoding.ASCII.GetString(connection.Payload.Span));
        Assert.True(await connection.ReadMessageAsync(maxSize: 3));
        Assert.Equal("def", Encoding.ASCII.GetString(connection.Payload.Span));
        Assert.False(await connection.ReadMessageAsync(maxSize: 3));
    }

    [Fact]
    public async Task A_message_that_is_larger_would_be_so_again()
    {
        await using var server = ScriptedServer.Start("8104" + "61626364");
        using var connector = new ClientConnector(new ClientOptions { Url = server.Uri });
        using var connection = await connector.ConnectAsync(TestContext.Current.CancellationToken);

        var failure = await Assert.ThrowsAsync<ClientFailureException>(async () => await connection.ReadMessageAsync(maxSize: 3));

        Assert.Equal(("The server sent a message of more than 3 bytes; --max-message-size takes larger ones.", true), (failure.Message, failure.IsFinal));
    }

    [Theory]
    [InlineData("8802" + "03E8", true, "1000 (normal closure)")]
    [InlineData("8800", true, "1000 (normal closure)")]
    [InlineData("8802" + "03E9", false, "1001 (going away)")]
    [InlineData("8803" + "0FA1" + "78", false, "4001: x")]
    public async Task A_server_closes_well_with_1000_or_without_a_code(string frame, bool isWell, string description)
    {
        await using var server = ScriptedServer.Start(frame);
        using var connector = new ClientConnector(new ClientOptions { Url = server.Uri });
        using var connection = await connector.ConnectAsync(TestContext.Current.CancellationToken);

        Assert.False(await connection.ReadMessageAsync(maxSize: 1));

        Assert.Equal((isWell, description), (connection.IsWellClosed, connection.CloseDescription));
    }

    [Fact]
    public async Task Who_has_gone_without_a_close_frame_is_told_apart_from_who_has_closed()
    {
        await using var server = ScriptedServer.Start("8101" + "61", hangsUp: true);
        using var connector = new ClientConnector(new ClientOptions { Url = server.Uri });
        using var connection = await connector.ConnectAsync(TestContext.Current.CancellationToken);

        Assert.True(await connection.ReadMessageAsync(maxSize: 1));
        var failure = await Assert.ThrowsAsync<ClientFailureException>(async () => await connection.ReadMessageAsync(maxSize: 1));

        Assert.Equal(("The server ended the connection without a close frame.", false), (failure.Message, failure.IsFinal));
    }
}
