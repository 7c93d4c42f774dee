<?php

session_start();
if (isset($_POST['name']) && trim($_POST['name']) !== '') {
    $_SESSION['name'] = substr(trim($_POST['name']), 0, 40);
    header('Location: /', true, 303);
    exit;
}
?>
<!doctype html>
<meta charset="utf-8">
<title>Tickets</title>
<?php if (!isset($_SESSION['name'])) { ?>
<form method="post"><label>Your name <input name="name" autofocus></label> <button>Log in</button></form>
<?php } else { ?>
<form id="say"><input autofocus autocomplete="off"> <button>Say</button></form>
<pre id="log"></pre>
<script>
const log = document.querySelector('#log'), say = document.querySelector('#say');
let socket, beat;
async function connect() {
    const ticket = await (await fetch('ticket.php', {method: 'POST'})).text();
    socket = new WebSocket('ws://127.0.0.1:9501/?token=' + ticket);
    socket.onopen = () => { beat = setInterval(() => socket.send('ping'), 20000); };
    socket.onmessage = (m) => { if (m.data !== 'pong') log.textContent += m.data + '\n'; };
    // 4401: the ticket is over, another one is to be had at once.
    socket.onclose = (e) => { clearInterval(beat);
        setTimeout(connect, e.code === 4401 ? 0 : 1000 + Math.random() * 4000); };
}
say.onsubmit = (e) => { e.preventDefault(); socket.send(say.firstChild.value); say.firstChild.value = ''; };
connect();
</script>
<?php } ?>
